import { z } from "zod";
import { microseconds } from "./segment.ts";

/** What a logged statement does. The row changes of row-format transactions are no statements: they are counted by table. */
export const statementKind = z.enum(["drop", "truncate", "alter", "create", "rename", "account", "insert", "update", "delete", "other", "incident"]);

const tableName = { schema: z.string(), table: z.string() };

/** A statement that stands in the log as text: structure changes, accounts, and whatever statement format logged. */
export const archivedStatement = z.object({
  kind: statementKind,
  /** Default schema of the session. */
  schema: z.string(),
  /** Tables that the text names, as far as its beginning tells; `*` for a whole schema. */
  tables: z.array(z.object(tableName)),
  /** Structure changes only: at most 2,000 characters, without comments and without the content of literals. Data changes: null. */
  text: z.string().nullable(),
});
export type ArchivedStatement = z.infer<typeof archivedStatement>;

/** A whole transaction of a binary log: where it stands and what it touched, never a value of a row. One line of NDJSON each. */
export const archivedTransaction = z.object({
  /** MySQL `uuid:7`, `uuid:tag:7`; MariaDB `0-1-7`; null where GTIDs are off. */
  gtid: z.string().nullable(),
  /** MySQL: immediate commit time. MariaDB and servers before 8.0: whole seconds of the event's header. */
  committedAt: microseconds,
  file: z.string(),
  /** Position of its first event, and the position after its last. */
  start: z.number().int(),
  end: z.number().int(),
  /** Bytes in the log, as stored there: compressed transactions count compressed. */
  bytes: z.number().int(),
  /** Account that ran a statement, `name@host`, where the log tells it. */
  user: z.string().nullable(),
  tables: z.array(z.object({ ...tableName, inserted: z.number().int(), updated: z.number().int(), deleted: z.number().int() })),
  /** Row events whose rows could not be counted: a column type that is not known here. */
  uncountedRowEvents: z.number().int(),
  /** The first hundred; `statementsLeftOut` more were not kept. */
  statements: z.array(archivedStatement),
  statementsLeftOut: z.number().int(),
  /** Data changes were logged as statements: replay may differ. */
  statementFormat: z.boolean(),
  /** Step of a two-phase transaction: rows stand in `prepare` and count only if `commit` follows. */
  xa: z.enum(["prepare", "commit", "rollback"]).nullable(),
});
export type ArchivedTransaction = z.infer<typeof archivedTransaction>;
