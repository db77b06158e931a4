import { PassThrough } from "node:stream";
import type { Connection, ResultSetHeader, RowDataPacket } from "mysql2/promise";
import { Fault } from "#lib/domain/fault/fault.ts";
import { drained } from "#worker/streams/drained.ts";
import type { RowsHead, RowStep } from "./row-statements.ts";
import { withoutValues } from "./server-message.ts";

type Insert = Extract<RowStep, { kind: "insert" }>;

/** Bytes of rows read as one transaction: the server keeps what it takes to undo them. */
const TRANSACTION_BYTES = 64 * 1024 * 1024;
/**
 * What the server tells of a value that it stored as near as it could, as it does for an INSERT under the dump's sql_mode as well: out of range (1264), truncated (1265), incorrect date
 * or number (1292), incorrect string (1366). All else means that a row was not read as it stands, what was to be hexadecimal and is not (1411) among it.
 */
const TOLERATED = new Set([1264, 1265, 1292, 1366]);

interface WarningRow extends RowDataPacket {
  readonly Code: number;
  readonly Message: string;
}

/** Gives the rows of whole INSERTs of one table to `LOAD DATA LOCAL`, a transaction at a time. `statement` as `loadStatement` makes it; `run` ends the wait for the server when the load is cancelled, and says what a failure means. */
export class BulkRows {
  readonly head: RowsHead;
  readonly #connection: Connection;
  readonly #statement: string;
  readonly #artifact: string;
  readonly #run: <T>(work: Promise<T>) => Promise<T>;
  readonly #separator: Buffer;
  #stream: PassThrough | undefined;
  #done: Promise<ResultSetHeader> | undefined;
  #given = 0;

  constructor(options: { connection: Connection; head: RowsHead; statement: string; artifact: string; run: <T>(work: Promise<T>) => Promise<T> }) {
    this.head = options.head;
    this.#connection = options.connection;
    this.#statement = options.statement;
    this.#artifact = options.artifact;
    this.#run = options.run;
    this.#separator = Buffer.from(options.head.separator);
  }

  async give(insert: Insert): Promise<void> {
    const stream = this.#stream ?? this.#begin();
    let skip = insert.rowsFrom;
    let left = insert.bytes - insert.rowsFrom - 3;
    for (const piece of insert.whole) {
      const rows = piece.subarray(Math.min(skip, piece.length), Math.max(0, Math.min(piece.length, skip + left)));
      skip = Math.max(0, skip - piece.length);
      left -= rows.length;
      if (rows.length > 0) await this.#write(stream, rows);
    }
    await this.#write(stream, this.#separator);
    this.#given += insert.bytes;
    if (this.#given >= TRANSACTION_BYTES) await this.finish();
  }

  /** Until the server has stored all that was given. Fault LOAD_FAILED when it did not take every row as it stands. */
  async finish(): Promise<void> {
    const [stream, done] = [this.#stream, this.#done];
    if (!stream || !done) return;
    this.#stream = undefined;
    this.#done = undefined;
    this.#given = 0;
    stream.end();
    const { info } = await done;
    const [, skipped, warnings] = /Skipped: (\d+) +Warnings: (\d+)/.exec(info) ?? [];
    if (skipped === "0" && warnings === "0") return;
    const [rows] = await this.#run(this.#connection.query<WarningRow[]>("SHOW WARNINGS"));
    const wrong = rows.find(({ Code }) => !TOLERATED.has(Code));
    if (wrong) throw this.#failed(`ERROR ${wrong.Code} in rows of ${this.head.table}: ${withoutValues(wrong.Code, wrong.Message)}`);
    if (skipped !== "0") throw this.#failed(`rows of ${this.head.table} were left out: ${info}`);
  }

  #begin(): PassThrough {
    const stream = new PassThrough({ highWaterMark: 1024 * 1024 });
    // what goes wrong is told by the statement's own end
    stream.on("error", () => undefined);
    this.#stream = stream;
    this.#done = this.#run(this.#connection.query<ResultSetHeader>({ sql: this.#statement, infileStreamFactory: () => stream })).then(([header]) => header);
    // told by give or finish
    this.#done.catch(() => stream.destroy());
    return stream;
  }

  async #write(stream: PassThrough, bytes: Buffer): Promise<void> {
    if (!stream.destroyed && !stream.write(bytes)) await drained(stream);
    if (stream.destroyed) await this.#done;
  }

  #failed(message: string): Fault {
    return new Fault("LOAD_FAILED", { params: { artifact: this.#artifact, message } });
  }
}
