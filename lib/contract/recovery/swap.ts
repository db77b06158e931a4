import { z } from "zod";
import { binlogPlace } from "../archive/status.ts";
import { faultRecord, instant, runId, sha256Hex, slug } from "../names.ts";
import { changeSum } from "./changes.ts";
import { borderTransaction } from "./instant.ts";

const schemaName = z.string().min(1).max(64);

/** One schema that changes places with its restored copy. */
export const swapPair = z.strictObject({
  /** What programs use: its tables give way. */
  live: schemaName,
  /** Whose tables take their place. */
  restored: schemaName,
  /** Where those that give way are kept. */
  kept: schemaName,
});
export type SwapPair = z.infer<typeof swapPair>;

export const swapRequest = z.strictObject({
  server: slug,
  pairs: z.array(swapPair).min(1).max(50),
  /** Also move away tables that only the live schema has; else they stay where they are. */
  moveRest: z.boolean().default(false),
  /** So long, seconds, may the exchange wait for programs that hold the tables; others wait behind it meanwhile. */
  lockWaitSeconds: z.number().int().min(1).max(120).default(10),
  /** Run the server's own checks on the exchanged tables, and go back by itself if one fails. */
  ownChecks: z.boolean().default(false),
  /** The run whose exchange this takes back. */
  undoes: runId.optional(),
});
export type SwapRequest = z.infer<typeof swapRequest>;

/** What somebody wants planned: an exchange (live schema → restored one), or the way back of a run's. */
export const swapOrder = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("swap"), server: slug, pairs: z.record(schemaName, schemaName), moveRest: z.boolean().default(false), lockWaitSeconds: z.number().int().min(1).max(120).default(10), ownChecks: z.boolean().default(true) }),
  z.strictObject({ kind: z.literal("undo"), runId, lockWaitSeconds: z.number().int().min(1).max(120).default(10) }),
]);
export type SwapOrder = z.infer<typeof swapOrder>;

/** Rows of a table on both sides; null where it is not. */
export const swapTable = z.strictObject({
  schema: schemaName,
  table: z.string(),
  live: z.number().int().nullable(),
  restored: z.number().int().nullable(),
  /** `stays`: only the live schema has it, and keeps it. `leaves`: only the live schema has it, and it is moved away. `comes`: only the restored one has it. */
  change: z.enum(["same-structure", "other-structure", "comes", "leaves", "stays"]),
});
export type SwapTable = z.infer<typeof swapTable>;

/** Somebody who holds tables now. */
export const swapHolder = z.strictObject({ id: z.string(), account: z.string(), seconds: z.number(), tables: z.array(z.string()) });
export type SwapHolder = z.infer<typeof swapHolder>;

/** What the archive tells of transactions that changed a schema in use behind a place: the one that its copy stands for, or of a way back the one of its swap. Never a value of a row. */
export const swapSince = z.strictObject({
  /** In use. */
  schema: schemaName,
  /** Behind this place in the binary logs; what is told reaches up to the second. */
  from: binlogPlace,
  to: binlogPlace,
  tables: changeSum.shape.tables,
  statements: changeSum.shape.statements,
  /** Tables and kinds of statements, of whatever schema, that there was no room for. */
  othersLeftOut: z.number().int(),
  unread: changeSum.shape.unread,
  /** The first of them, oldest first; `more`: there are others. */
  transactions: z.array(borderTransaction),
  more: z.boolean(),
});
export type SwapSince = z.infer<typeof swapSince>;

/** A dry run of an exchange, bound by a hash to what stands on the server; rows are not part of it, since programs go on writing. */
export const swapPlan = z.object({
  planId: runId,
  hash: sha256Hex,
  createdAt: instant,
  expiresAt: instant,
  request: swapRequest,
  target: z.object({ server: slug, version: z.string(), environment: z.string() }),
  /** `held`: all tables stay locked from the first trigger that is dropped to the last that is made. `brief`: this server cannot, and for a moment triggers are missing. */
  way: z.enum(["held", "brief"]),
  tables: z.array(swapTable),
  /** `live trigger`, made again on the tables that come. */
  triggers: z.array(z.string()),
  holders: z.array(swapHolder),
  /** Of each copy that a restore of the host has made, and of a way back of each schema, where binary logs are archived; absent in plans of older workers. */
  since: z.array(swapSince).optional(),
  /** Names of the server's own checks that are run on the exchanged tables; absent in plans of older workers. */
  checks: z.array(z.string()).optional(),
  /** Statements in their order, without the texts of triggers. */
  commands: z.array(z.string()),
  warnings: z.array(faultRecord),
  /** What must be typed to confirm. */
  typedName: z.string(),
});
export type SwapPlan = z.infer<typeof swapPlan>;

/** A plan, or why there is none. */
export const swapPlanResult = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), plan: swapPlan }),
  z.object({ ok: z.literal(false), faults: z.array(faultRecord).min(1) }),
]);
export type SwapPlanResult = z.infer<typeof swapPlanResult>;

/** A trigger as its statements, one character for each byte. */
const savedTrigger = z.strictObject({ schema: schemaName, name: z.string(), table: z.string(), statements: z.array(z.string()) });
export type SavedTrigger = z.infer<typeof savedTrigger>;

const movedTables = swapPair.extend({ incoming: z.array(z.string()), outgoing: z.array(z.string()) });
export type MovedTables = z.infer<typeof movedTables>;

/** Where a swap stands in the binary logs of the server, which the archive knows by the name `log`. */
const swapPlace = binlogPlace.extend({ log: z.string() });
export type SwapPlace = z.infer<typeof swapPlace>;

/**
 * What a swap must be told to be ended or taken back by somebody else, on disk before anything is changed. `began`: whether the tables have changed places, only the server
 * tells. `swapped`, `taken-back`: over. `undone`, `dropped`: later.
 */
export const swapRecord = z.object({
  v: z.literal(1),
  runId,
  at: instant,
  request: swapRequest,
  serverUuid: z.string(),
  way: z.enum(["held", "brief"]),
  state: z.enum(["began", "swapped", "taken-back", "undone", "dropped"]),
  /** It failed and was to go back: whoever ends it goes back, too. */
  back: z.boolean().optional(),
  moves: z.array(movedTables),
  /** Behind it, what is written stands in the tables that came; absent where it is not known, and in records of older workers. */
  place: swapPlace.optional(),
  /** Schemas that the swap made. */
  created: z.array(schemaName),
  /** Triggers as they stood before, in the live schemas and the restored ones; and those that belong on the live tables afterwards, and on the kept ones. */
  before: z.array(savedTrigger),
  after: z.array(savedTrigger),
});
export type SwapRecord = z.infer<typeof swapRecord>;

/** How a swap of a host stands, for lists and what may follow. */
export const swapStanding = swapRecord.pick({ runId: true, at: true, state: true, request: true }).extend({
  /** What must be typed to drop what it replaced. */
  dropName: z.string(),
});
export type SwapStanding = z.infer<typeof swapStanding>;
