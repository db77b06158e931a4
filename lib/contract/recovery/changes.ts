import { z } from "zod";
import { microseconds } from "../archive/segment.ts";

const count = z.number().int().min(0);
const rows = { inserted: count, updated: count, deleted: count };
const named = { schema: z.string(), table: z.string() };
/** Commit times of the first and the last of them in the log. */
const times = { first: microseconds, last: microseconds };

/** What transactions of the archive did together, never a value of a row; `BoundedSum` of lib/domain/binlog. */
export const changeSum = z.strictObject({
  transactions: count,
  /** Extremes of their commit times; null without transactions. */
  earliest: microseconds.nullable(),
  latest: microseconds.nullable(),
  /** With the most changed rows first. */
  tables: z.array(z.strictObject({ ...named, transactions: count, ...rows, ...times })).max(100),
  /** Tables that are not named here. */
  otherTables: z.strictObject({ count, ...rows }),
  /** By kind and table; about no table: both names empty; about a whole schema: table `*`. */
  statements: z.array(z.strictObject({ kind: z.string(), ...named, count, ...times })).max(50),
  otherStatements: count,
  /** Row events whose rows could not be counted. */
  uncounted: count,
  /** Archived files whose list of transactions could not be had in time, and the transactions that their descriptions tell of; not part of the sums. */
  unread: z.strictObject({ files: count, transactions: count }),
});
export type ChangeSum = z.infer<typeof changeSum>;

/** By table, what a restore to an instant brings back from the archive, and what it leaves out. */
export const cutChanges = z.strictObject({ kept: changeSum, lost: changeSum });
export type CutChanges = z.infer<typeof cutChanges>;
