import { z } from "zod";
import { BACKUP_METHODS } from "#lib/domain/backup/methods.ts";
import { slug } from "../names.ts";
import { niceness } from "./niceness.ts";

/** A number; or `auto`: each file begins at the lowest, and at a higher one while destinations are behind with what is made. */
const levelUpTo = (most: number) => z.union([z.literal("auto"), z.number().int().min(1).max(most)], { error: `a level is 1 to ${most}, or auto` });

export const compression = z.discriminatedUnion("codec", [
  z.strictObject({ codec: z.literal("zstd"), level: levelUpTo(19).default(1) }),
  z.strictObject({ codec: z.literal("gzip"), level: levelUpTo(9).default(6) }),
]);
export type Compression = z.infer<typeof compression>;

/** What is backed up how and to where. */
export const policyConfig = z.strictObject({
  name: slug,
  label: z.string().max(120).optional(),
  server: slug,
  /** `dump`: SQL text, for any newer server. `clone`: copy of the data files by the server itself (MySQL 8.0.27 and up, worker on its host), restored in minutes.
   * `mariadb-backup`: the same for MariaDB, copied by the program of that name. */
  method: z.enum(BACKUP_METHODS).default("dump"),
  /** With data files: also the SQL of the same instant, dumped from the started copy, as a set of its own. */
  alsoDump: z.boolean().optional(),
  /** Schemas by name; absent = the whole server, accounts included. */
  schemas: z.array(z.string().min(1).max(64)).min(1).optional(),
  compression: compression.default({ codec: "zstd", level: 1 }),
  /** Dump streams at once; 0 = one per core, at most 8. */
  parallel: z.number().int().min(0).max(32).default(0),
  /** SQL: a table larger than twice this is dumped in ranges of its primary key of about this size, MiB, where that begins with an integer; 0 = never, absent = 512. */
  rangeMiB: z.number().int().min(0).max(1_048_576).optional(),
  /** When each row is hashed on the production server inside the snapshot. */
  fingerprints: z.enum(["always", "weekly", "never"]).default("weekly"),
  destinations: z.array(slug).min(1),
  /** Names of public keys (`keys` in worker.yaml). All of them can open the backup. */
  recipients: z.array(slug).min(1),
  /** How backups give way to what the server does otherwise; absent: as {@link nicenessOf} says. */
  niceness: niceness.optional(),
  /** A statement that has run longer than this stops the backup before any lock is asked for; seconds. */
  longQuerySeconds: z.number().int().min(1).default(60),
  /** Longest wait for the short read lock; seconds. Writers wait behind it meanwhile. */
  lockTimeoutSeconds: z.number().int().min(1).max(300).default(10),
  /** Stream the server's binary logs to the destinations all the time, for point-in-time restores. */
  archive: z.boolean().default(false),
  /** Restore test after each backup. */
  restoreTest: z.boolean().default(true),
});
export type PolicyConfig = z.infer<typeof policyConfig>;
