import { z } from "zod";
import { flavor, secretSource, slug } from "../names.ts";

/** One check of the user's own after a restore: a query that must give one value. */
export const assertion = z.strictObject({
  name: z.string().min(1).max(120),
  /** Schema that names without one mean. Needed when the query has such names and the backup holds several schemas. */
  schema: z.string().min(1).max(64).optional(),
  /** One SELECT giving one row with one column; run read-only against what was restored. */
  sql: z.string().min(1).max(10_000),
  /** The value as text, or a comparison such as `> 0`. */
  expect: z.string().max(200),
});
export type Assertion = z.infer<typeof assertion>;

/** A database server that is backed up or restored to. Sockets and files are paths on the worker's host. */
export const serverConfig = z.strictObject({
  name: slug,
  label: z.string().max(120).optional(),
  environment: z.enum(["production", "staging", "test"]).default("production"),
  /** Only for servers that cannot be asked; detected otherwise. */
  flavor: flavor.optional(),
  socket: z.string().optional(),
  host: z.string().optional(),
  port: z.number().int().min(1).max(65535).default(3306),
  user: z.string().min(1).max(80),
  password: secretSource,
  tls: z
    .strictObject({ mode: z.enum(["disabled", "required", "verify-ca", "verify-identity"]), ca: z.string().optional() })
    .optional(),
  /** Tables that a verification looks at first, as `table` or `schema.table`. */
  criticalTables: z.array(z.string()).default(["users", "viaggi", "delivery", "user_sessions"]),
  assertions: z.array(assertion).default([]),
  /** May this server be the target of a restore? The account must then be allowed to write. */
  restoreTarget: z.boolean().default(false),
  /** Account for restores onto this server, when it differs from the one that backs up. */
  restoreAccount: z.strictObject({ user: z.string().min(1).max(80), password: secretSource }).optional(),
});
export type ServerConfig = z.infer<typeof serverConfig>;
