import { z } from "zod";
import { microseconds } from "../archive/segment.ts";
import { archivedStatement, archivedTransaction } from "../archive/transaction.ts";
import { sha256Hex } from "../names.ts";
import { cutChanges } from "./changes.ts";

const count = z.number().int().min(0);

/** What somebody asks for; times are commit times. */
export const wantedInstant = z.discriminatedUnion("kind", [
  /** Everything that was committed up to this time, included. */
  z.strictObject({ kind: z.literal("time"), at: microseconds }),
  z.strictObject({ kind: z.literal("before"), gtid: z.string() }),
  z.strictObject({ kind: z.literal("after"), gtid: z.string() }),
  /** Everything that ends at or before this position. */
  z.strictObject({ kind: z.literal("position"), file: z.string(), position: z.number().int() }),
]);
export type WantedInstant = z.infer<typeof wantedInstant>;

/** A transaction at the border, for people. No row data. */
export const borderTransaction = z.strictObject({
  gtid: z.string().nullable(),
  committedAt: microseconds,
  file: z.string(),
  position: z.number().int(),
  /** In one line without words, for the command line and texts of faults: `DROP TABLE d.t`, `d.t +1 ~2 -3` (rows inserted, updated, deleted). */
  what: z.string(),
  /** The same as data: its first statements, its most changed tables; absent in plans of older workers. */
  did: z.strictObject({ statements: z.array(archivedStatement), statementsLeftOut: count, tables: archivedTransaction.shape.tables, tablesLeftOut: count }).optional(),
});
export type BorderTransaction = z.infer<typeof borderTransaction>;

/** The wanted instant, resolved once: what is replayed on the full and where it stops. */
export const replayBoundary = z.strictObject({
  wanted: wantedInstant,
  /** Archived files without a gap: the first holds the full's coordinate, the last the stop. `bytes` of each count, with this digest. */
  segments: z.array(z.strictObject({ key: z.string(), file: z.string(), bytes: z.number().int(), sha256: sha256Hex })).min(1),
  stop: z.strictObject({ position: z.string().regex(/^\d+$/), beforeGtid: z.string().optional() }),
  /** GTIDs that the replayed server must have at the end, skipped ones included; null where GTIDs are off. */
  expectedGtids: z.string().nullable(),
  skip: z.array(z.string()),
  lastIncluded: borderTransaction.nullable(),
  firstExcluded: borderTransaction.nullable(),
  /** Archived transactions behind the stop: what this restore leaves out, skipped ones included. */
  lostTransactions: z.number().int(),
  /** The same by table, and what is replayed; absent in plans of older workers. */
  changes: cutChanges.optional(),
});
export type ReplayBoundary = z.infer<typeof replayBoundary>;
