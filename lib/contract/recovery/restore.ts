import { z } from "zod";
import { BACKUP_METHODS } from "#lib/domain/backup/methods.ts";
import { faultRecord, instant, runId, sha256Hex, slug } from "../names.ts";
import { replayBoundary } from "./instant.ts";

/** What is wanted back. */
export const restoreScope = z.discriminatedUnion("kind", [
  /** Everything in the set, accounts included unless left out. */
  z.strictObject({ kind: z.literal("server"), accounts: z.boolean().default(true) }),
  z.strictObject({ kind: z.literal("schemas"), schemas: z.array(z.string().min(1).max(64)).min(1) }),
  z.strictObject({ kind: z.literal("tables"), schema: z.string().min(1).max(64), tables: z.array(z.string().min(1).max(64)).min(1) }),
]);

/** Where it goes. */
export const restoreTarget = z.discriminatedUnion("kind", [
  /** New schema names beside the old ones on the same or another server: nothing that exists is touched. */
  z.strictObject({
    kind: z.literal("beside"),
    server: slug,
    /** Old name to new name, for every schema in scope. */
    names: z.record(z.string(), z.string().regex(/^[^/\\\0]{1,64}$/)),
    /** Leave out what cannot stand under the new name (bodies that name the old schema, views whose definer has no rights on the new one) and all that needs it, instead of refusing. */
    leaveOutReferencing: z.boolean().default(false),
  }),
  /** Same names on a server that does not hold them. */
  z.strictObject({ kind: z.literal("server"), server: slug }),
  /** Same names, replacing what is there, after a safety copy. */
  z.strictObject({ kind: z.literal("in-place"), server: slug }),
  /** A new server of this name on the worker's host, made of a physical set: in a folder of its own below `instancesDir` of worker.yaml. */
  z.strictObject({ kind: z.literal("instance"), server: slug, port: z.number().int().min(1024).max(65535) }),
  /** The data directory of this stopped server of the worker's host, exchanged for one made of a physical set: `dataDirectories` of worker.yaml says where it is. */
  z.strictObject({ kind: z.literal("replace"), server: slug }),
]);
export type RestoreTarget = z.infer<typeof restoreTarget>;

/** Does a server start on the set's data files themselves? Then only a set of data files will do. */
export function takesFiles(kind: RestoreTarget["kind"]): boolean {
  return kind === "instance" || kind === "replace";
}

export const restoreRequest = z.strictObject({
  setId: runId,
  /** Server whose backup it is. */
  server: slug,
  scope: restoreScope,
  target: restoreTarget,
  /** Destination to read from; absent = the first intact copy that answers. */
  destination: slug.optional(),
  /** Replay archived binary logs on the set up to here; absent = the set as it is. */
  boundary: replayBoundary.optional(),
  /** False: the result is handed over without running the own checks of the server whose backup it is; absent = they are run, of what stands beside by its swap. */
  ownChecks: z.boolean().optional(),
});
export type RestoreRequest = z.infer<typeof restoreRequest>;

export const planStep = z.object({
  id: z.enum(["check", "safeguard", "download", "prepare", "load", "replay", "verify", "finish"]),
  /** Seconds expected: likely and slow (p50, p90). */
  eta: z.tuple([z.number(), z.number()]),
  /** Exact commands, for a person who does it by hand. No secrets. */
  commands: z.array(z.string()),
  creates: z.array(z.string()),
  replaces: z.array(z.string()),
  deletes: z.array(z.string()),
});
export type PlanStep = z.infer<typeof planStep>;

/** A way to the same instant: from which set, into what, and how long this host is likely to take. */
export const road = z.object({
  setId: runId,
  method: z.enum(BACKUP_METHODS),
  /** Schemas of a server that runs, or a new server. */
  into: z.enum(["server", "instance"]),
  level: z.enum(["completed", "intact", "proven", "refused", "unknown"]),
  snapshotAt: instant,
  replayFiles: z.number().int(),
  /** Plain bytes of binary log from the set to the instant. */
  replayBytes: z.number().int(),
  /** Expected, by rates that this host has reached. Comparing afterwards is not in it: it is the same on all roads. */
  seconds: z.number(),
  /** The one that the plan takes. */
  chosen: z.boolean(),
});
export type Road = z.infer<typeof road>;

/** A dry run: all that will happen, bound by a hash to set, target state and request. */
export const restorePlan = z.object({
  planId: runId,
  hash: sha256Hex,
  createdAt: instant,
  expiresAt: instant,
  request: restoreRequest,
  manifestSha256: sha256Hex,
  snapshotAt: instant,
  level: z.enum(["completed", "intact", "proven", "refused", "unknown"]),
  source: z.object({ server: slug, version: z.string(), destination: slug }),
  target: z.object({ server: slug, version: z.string(), environment: z.string(), freeBytes: z.number().nullable() }),
  artifacts: z.array(z.string()),
  sealedBytes: z.number().int(),
  plainBytes: z.number().int(),
  tables: z.number().int(),
  rows: z.number().int(),
  steps: z.array(planStep),
  /** Names of the own checks that must pass before the result is handed over; absent in plans of older workers. */
  checks: z.array(z.string()).optional(),
  warnings: z.array(faultRecord),
  /** Fastest first, the plan's own among them; absent in plans of older workers. */
  roads: z.array(road).optional(),
  /** In place, and where a data directory is replaced: what must be typed to confirm. */
  typedName: z.string().nullable(),
});
export type RestorePlan = z.infer<typeof restorePlan>;

/** A plan, or why there is none. */
export const planResult = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), plan: restorePlan }),
  z.object({ ok: z.literal(false), faults: z.array(faultRecord).min(1) }),
]);
export type PlanResult = z.infer<typeof planResult>;
