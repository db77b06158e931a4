import { z } from "zod";
import { BACKUP_METHODS } from "#lib/domain/backup/methods.ts";
import { copyCheck, restoreTest } from "./manifest/verification.ts";
import { coordinate } from "./manifest/manifest.ts";
import { faultRecord, flavor, instant, runId, slug } from "./names.ts";

export const runKind = z.enum(["backup-full", "backup-differential", "backup-incremental", "verify", "restore", "swap", "preflight", "reindex"]);
export type RunKind = z.infer<typeof runKind>;

export const trigger = z.enum(["manual", "schedule", "archive-gap", "cli", "after-backup", "lost-swap", "lost-replacement", "demo"]);
export type Trigger = z.infer<typeof trigger>;

/** Why a run that nobody asked for was started. */
export const runCause = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("schedule"),
    schedule: slug,
    /** When it was to begin. */
    dueAt: instant,
    /** Of the schedule, for texts. */
    timeZone: z.string(),
    /** It was missed then, and is made up for. */
    late: z.boolean(),
  }),
  z.object({ type: z.literal("archive-gap"), noticedAt: instant, fault: faultRecord }),
  /** A worker was lost in this swap, and the next one ends it. */
  z.object({ type: z.literal("lost-swap"), swap: runId }),
  /** The same of an exchange of data directories. */
  z.object({ type: z.literal("lost-replacement"), replacement: runId }),
]);
export type RunCause = z.infer<typeof runCause>;

/** How a run ended. `warning` = done, with findings that somebody should read; `missed` = was due, and never began. */
export const runOutcome = z.enum(["completed", "warning", "failed", "cancelled", "interrupted", "missed"]);
export type RunOutcome = z.infer<typeof runOutcome>;

/** What the catalog keeps of a backup set; taken from its manifest. */
export const setSummary = z.object({
  setId: runId,
  server: slug,
  policy: slug,
  host: slug,
  kind: z.enum(["full", "differential"]),
  /** Differential: the full that it builds on, and how many tables were stored anew. */
  parent: z.object({ setId: runId, /** With rows in its own files; absent where it holds changed pages. */ storedTables: z.number().int().optional() }).optional(),
  method: z.enum(BACKUP_METHODS),
  flavor,
  serverVersion: z.string(),
  startedAt: instant,
  snapshotAt: instant,
  finishedAt: instant,
  coordinate: coordinate.nullable(),
  plainBytes: z.number().int(),
  sealedBytes: z.number().int(),
  artifacts: z.number().int(),
  schemas: z.array(z.string()),
  tables: z.number().int(),
  rows: z.number().int(),
  recipients: z.array(z.string()),
  lockHeldMs: z.number(),
  manifestSha256: z.string(),
});
export type SetSummary = z.infer<typeof setSummary>;

const progress = z.object({
  stage: z.string(),
  bytesDone: z.number().int(),
  bytesTotal: z.number().int().optional(),
  rowsDone: z.number().int().optional(),
  rowsTotal: z.number().int().optional(),
  itemsDone: z.number().int().optional(),
  itemsTotal: z.number().int().optional(),
  /** What is being worked on now. */
  item: z.string().optional(),
  bytesPerSecond: z.number().optional(),
  etaSeconds: z.number().optional(),
});
export type Progress = z.infer<typeof progress>;

/** What happens in a run, in the order it happens. */
export const runEventBody = z.discriminatedUnion("type", [
  z.object({ type: z.literal("run-started"), kind: runKind, trigger, server: slug.optional(), policy: slug.optional(), setId: runId.optional(), requestedBy: z.string().optional(), cause: runCause.optional(), stages: z.array(z.string()) }),
  z.object({ type: z.literal("stage-started"), stage: z.string() }),
  z.object({ type: z.literal("progress"), progress }),
  z.object({ type: z.literal("stage-finished"), stage: z.string(), seconds: z.number(), ok: z.boolean() }),
  z.object({ type: z.literal("log"), level: z.enum(["debug", "info", "warn", "error"]), stage: z.string().optional(), text: z.string() }),
  z.object({ type: z.literal("finding"), severity: z.enum(["info", "warning", "error"]), fault: faultRecord }),
  z.object({ type: z.literal("set"), summary: setSummary }),
  z.object({ type: z.literal("copy"), setId: runId, copy: copyCheck }),
  z.object({ type: z.literal("verification"), setId: runId, level: z.enum(["completed", "intact", "proven", "refused"]), copies: z.array(copyCheck), restoreTest: restoreTest.nullable() }),
  z.object({ type: z.literal("run-finished"), outcome: runOutcome, seconds: z.number(), fault: faultRecord.optional(), result: z.record(z.string(), z.unknown()).optional() }),
]);
export type RunEventBody = z.infer<typeof runEventBody>;

/** One line of a run's journal. (runId, seq) identifies it: recording it twice changes nothing. */
export const runEvent = z.object({
  v: z.literal(1),
  host: slug,
  runId,
  /** From 1, without holes. */
  seq: z.number().int().min(1),
  at: instant,
  body: runEventBody,
});
export type RunEvent = z.infer<typeof runEvent>;
