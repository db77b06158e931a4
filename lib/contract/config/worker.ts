import { z } from "zod";
import { HEARTBEAT_SCHEMA } from "#lib/domain/archive/heartbeat.ts";
import { secretSource, slug } from "../names.ts";
import { desiredState } from "./desired-state.ts";

const absolutePath = z.string().regex(/^\/[^\0\n]+$/, "an absolute path");

/** Where a server of this host keeps its data, for the time that it is stopped. */
const dataDirectory = z.strictObject({
  folder: absolutePath,
  /** The option file that it starts with (`--defaults-file`), whatever that includes. Read, never written. */
  config: absolutePath,
  /** Its systemd unit, for the commands that are shown; default: mysql or mariadb. */
  unit: z.string().regex(/^[A-Za-z0-9:_.@\\-]{1,200}$/).optional(),
});
export type DataDirectory = z.infer<typeof dataDirectory>;

/** worker.yaml: what only the host may decide, plus (without a console) the sections of the desired state. */
export const workerConfig = desiredState.omit({ revision: true }).extend({
  host: slug,
  /** State, journals of runs, identity keys; created 0700. */
  stateDir: z.string(),
  /** Sealed artifacts on their way to the destinations; created 0700. */
  spoolDir: z.string(),
  /** Isolated servers of restore tests; created 0700. */
  sandboxDir: z.string(),
  /** Unprivileged account that runs the isolated server when the worker is root. */
  sandboxUser: z.string().optional(),
  /** New servers made of physical sets, a folder for each; passable for others, never listed. Absent: none are made here. */
  instancesDir: z.string().optional(),
  /** Account that owns and runs them when the worker is root. Default: mysql, else nobody. */
  instancesUser: z.string().optional(),
  /** Servers of this host whose data directory may be replaced by one made of a physical set while they are stopped, by name; absent: none. */
  dataDirectories: z.record(slug, dataDirectory).optional(),
  /** Servers whose files this host takes over the network (method clone), by name: an account of theirs that holds BACKUP_ADMIN and nothing else. A server that is elsewhere and not named here gives them to its own account. */
  donors: z.record(slug, z.strictObject({ user: z.string().min(1).max(80), password: secretSource })).optional(),
  /** Raw binary logs until they are sealed at every destination; created 0700. Default: `archive` in stateDir. */
  archiveDir: z.string().optional(),
  /** Of a binary log that the server still writes, so many bytes are sealed and brought away at a time, once; 8 MiB. Less for a very slow line, more for fewer objects. */
  archivePieceBytes: z.number().int().min(4096).max(1024 ** 3).default(8 * 1024 * 1024),
  /** Marker rows in every archived server, every 10 s, in a schema of their own; false: none. What can be read back from the destinations is told by them. */
  heartbeat: z.union([z.literal(false), z.strictObject({ schema: z.string().regex(/^[A-Za-z0-9_]{1,64}$/) })]).default({ schema: HEARTBEAT_SCHEMA }),
  keyring: z.strictObject({ home: z.string(), passphraseFile: z.string().optional() }),
  /** Folders searched for programs before PATH, or single programs by name. */
  tools: z
    .strictObject({ folders: z.array(z.string()).default([]), programs: z.record(z.string(), z.string()).default({}) })
    .default({ folders: [], programs: {} }),
  /** Absent = this host works alone, by CLI and its own schedules. */
  queue: z.strictObject({ url: secretSource }).optional(),
  /** Ed25519 public keys (base64) of other workers whose manifests are believed. This worker's own always is. */
  trustedSigners: z.array(z.string()).default([]),
});
export type WorkerConfig = z.infer<typeof workerConfig>;
export type WorkerConfigInput = z.input<typeof workerConfig>;
