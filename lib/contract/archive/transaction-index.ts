import { z } from "zod";
import { slug } from "../names.ts";
import { microseconds } from "./segment.ts";

/** Form of the lines; another one is another name. */
export const INDEX_FORMAT = "salvagente/transactions/1";

const count = z.number().int().min(0);
const name = { schema: z.string(), table: z.string() };

/** First line: whose transactions these are. */
export const indexHeader = z.object({ format: z.literal(INDEX_FORMAT), server: slug, serverUuid: z.string(), epoch: z.number().int(), file: z.string() });
export type IndexHeader = z.infer<typeof indexHeader>;

/** `BlockSummary` of lib/domain/binlog: what a block's transactions did together. */
const blockSummary = z.object({
  transactions: count,
  start: count,
  end: count,
  first: microseconds,
  last: microseconds,
  earliest: microseconds,
  latest: microseconds,
  stepsBack: z.array(z.object({ from: microseconds, to: microseconds, start: count })),
  tables: z.array(z.object({ ...name, transactions: count, inserted: count, updated: count, deleted: count, mostInserted: count, mostUpdated: count, mostDeleted: count, first: microseconds, last: microseconds })),
  statements: z.array(z.object({ kind: z.string(), ...name, count, first: microseconds, last: microseconds })),
  users: z.array(z.string()),
  gtids: z.array(z.object({ origin: z.string(), lowest: z.string(), highest: z.string() })),
  uncounted: count,
  statementsLeftOut: count,
});

/** Last line but one: where each block's line stands, in bytes, and what is in it. */
export const indexDirectory = z.object({
  /** Position behind the last transaction that was indexed, or behind the file's last event. */
  endPosition: count,
  blocks: z.array(z.object({ offset: count, bytes: count, crc32: count, summary: blockSummary })),
});
export type IndexDirectory = z.infer<typeof indexDirectory>;

/** Last line: where the directory stands. */
export const indexTrailer = z.object({ directory: count, bytes: count, crc32: count });
