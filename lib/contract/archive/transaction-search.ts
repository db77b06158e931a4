import { z } from "zod";
import { faultRecord, slug } from "../names.ts";
import { microseconds } from "./segment.ts";
import { clockStepBack } from "./window.ts";
import { archivedTransaction, statementKind } from "./transaction.ts";

/** Results of one search at most, and bytes of their JSON: they travel as the result of a job. */
export const MOST_RESULTS = 500;
export const MOST_RESULT_BYTES = 224 * 1024;

/** Why a transaction may have destroyed something; `many-…`: more rows of one table than asked for, `uncounted`: how many cannot be known from the log. */
export const danger = z.enum(["drop", "truncate", "many-deleted", "many-updated", "uncounted", "incident"]);

/** Place of a transaction in the archive: where a search goes on. */
export const archivePlace = z.strictObject({ serverUuid: z.string().max(64), epoch: z.number().int(), file: z.string().max(255), start: z.number().int() });
export type ArchivePlace = z.infer<typeof archivePlace>;

/** What is looked for in the archived binary logs of a server. Everything given must fit. */
export const transactionQuery = z.strictObject({
  server: slug,
  /** Only this destination's archive; absent = all that answer. */
  destination: slug.optional(),
  /** Commit times, both included. */
  from: microseconds.optional(),
  to: microseconds.optional(),
  schema: z.string().min(1).max(64).optional(),
  table: z.string().min(1).max(64).optional(),
  /** Any of these: as a statement, or as changed rows. */
  kinds: z.array(statementKind).min(1).optional(),
  /** Only transactions that may have destroyed something: DROP, TRUNCATE, many rows, what cannot be counted. */
  dangerousOnly: z.boolean().default(true),
  /** More deleted or updated rows of one table than this are a danger. With `dangerousOnly` false and this given: only transactions that changed more rows of one table. */
  rowsOver: z.number().int().min(0).optional(),
  /** Part of `name@host`, where the log tells it; upper and lower case are one. */
  user: z.string().min(1).max(128).optional(),
  /** Part of a statement's text, of `schema.table`, or of the GTID; upper and lower case are one. */
  text: z.string().min(1).max(200).optional(),
  /** Which end of the time comes first. */
  order: z.enum(["newest", "oldest"]).default("newest"),
  limit: z.number().int().min(1).max(MOST_RESULTS).default(200),
  /** Go on behind this place: `next` of the answer before. */
  after: archivePlace.optional(),
});
export type TransactionQuery = z.infer<typeof transactionQuery>;

/** A transaction that was found: its most changed tables and first statements, never a value of a row. */
export const foundTransaction = archivedTransaction.extend({
  serverUuid: z.string(),
  epoch: z.number().int(),
  dangers: z.array(danger),
  /** Tables beyond the twenty with the most changed rows. */
  tablesLeftOut: z.number().int(),
});
export type FoundTransaction = z.infer<typeof foundTransaction>;

export const transactionSearchResult = z.object({
  transactions: z.array(foundTransaction),
  /** There are more than these. */
  truncated: z.boolean(),
  /** For the next page; null at the end. */
  next: archivePlace.nullable(),
  scanned: z.object({
    /** Archived files in the chosen time, and the transactions in those that were looked into, whether by their index's summary or one by one. */
    files: z.number().int(),
    transactions: z.number().int(),
    /** Files whose index was not here: fetched, or built by opening the file itself. */
    fetched: z.number().int(),
    built: z.number().int(),
  }),
  /** Where the server's clock went back in the files that were looked into, the first twenty: around them the order of times is not that of the log. */
  clockSteps: z.array(clockStepBack).default([]),
  /** Files that could not be looked into, and why: the answer is without them. */
  unread: z.array(z.object({ file: z.string(), fault: faultRecord })),
});
export type TransactionSearchResult = z.infer<typeof transactionSearchResult>;
