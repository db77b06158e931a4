import type { Readable } from "node:stream";
import type { Connection } from "mysql2/promise";
import { Fault } from "#lib/domain/fault/fault.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { abortFault } from "#worker/exec/run.ts";
import { BulkRows } from "./bulk-rows.ts";
import { type ClientSession, type LoadTarget, startClient } from "./client-session.ts";
import type { Rewriter } from "./rewrite.ts";
import { loadStatement } from "./row-columns.ts";
import { type RowsHead, RowStatements, type RowStep } from "./row-statements.ts";
import { sendBytes, statementFault } from "./run-statements.ts";
import { statementCutter } from "./statement-cutter.ts";

/** An INSERT of fewer bytes is sent as it is: for it, asking for the table's columns costs more than it saves. */
const SHORT_INSERT = 64 * 1024;

/**
 * Loads an artifact of rows into a server that nobody else uses: short INSERTs and settings as they are, the rows of long ones through `LOAD DATA LOCAL`, for which the server
 * makes no statement's values. From where that cannot mean the same (see `loadStatement`, `RowStatements`), the client program goes on.
 * Faults: LOAD_FAILED, CANCELLED, those of the artifact's stream.
 */
export async function loadRows(target: LoadTarget, artifact: { readonly name: string; readonly source: Readable; readonly rewriter: Rewriter | null }, onBytes: (bytes: number) => void, shortInsert = SHORT_INSERT): Promise<void> {
  const loader = new RowLoader(target, artifact.name, shortInsert);
  try {
    for await (const chunk of artifact.source as AsyncIterable<Buffer>) {
      for (const piece of artifact.rewriter ? artifact.rewriter.push(chunk) : [chunk]) await loader.push(piece);
      onBytes(chunk.length);
    }
    for (const piece of artifact.rewriter?.end() ?? []) await loader.push(piece);
    await loader.finish();
  } catch (error) {
    artifact.source.destroy();
    throw error;
  } finally {
    await loader.close();
  }
}

class RowLoader {
  readonly #target: LoadTarget;
  readonly #artifact: string;
  readonly #shortInsert: number;
  readonly #statements: RowStatements;
  /** Rejects when the load is cancelled: a connection that is closed in the middle of a statement answers nothing more. */
  readonly #cancelled: Promise<never>;
  #stopListening: () => void = () => undefined;
  #connection: Connection | undefined;
  #bulk: BulkRows | undefined;
  /** Settings so far, for the client if it has to go on. */
  readonly #settings: Buffer[] = [];
  #client: { readonly session: ClientSession; readonly cutter: Rewriter } | undefined;

  constructor(target: LoadTarget, artifact: string, shortInsert: number) {
    this.#target = target;
    this.#artifact = artifact;
    this.#shortInsert = shortInsert;
    this.#statements = new RowStatements(artifact);
    this.#cancelled = new Promise((_, reject) => {
      const onAbort = (): void => reject(abortFault(target.signal));
      if (target.signal.aborted) onAbort();
      target.signal.addEventListener("abort", onAbort, { once: true });
      this.#stopListening = () => target.signal.removeEventListener("abort", onAbort);
    });
    this.#cancelled.catch(() => undefined);
  }

  async push(piece: Buffer): Promise<void> {
    for (const step of this.#statements.push(piece)) await this.#take(step);
  }

  async finish(): Promise<void> {
    for (const step of this.#statements.end()) await this.#take(step);
    await this.#bulk?.finish();
    if (!this.#client) return;
    for (const piece of this.#client.cutter.end()) await this.#client.session.write(piece);
    await this.#client.session.finish();
    this.#client = undefined;
  }

  /** Leaves nothing open. What was not finished is not stored. */
  async close(): Promise<void> {
    this.#stopListening();
    this.#connection?.destroy();
    await this.#client?.session.abandon();
  }

  async #take(step: RowStep): Promise<void> {
    if (step.kind === "rest" || this.#client) return this.#rest(bytesOf(step));
    if (step.kind === "statement") {
      await this.#send(step.text);
      this.#settings.push(...bytesOf(step));
      return;
    }
    const bulk = this.#bulk && sameHead(this.#bulk.head, step.head) ? this.#bulk : null;
    if (bulk) return bulk.give(step);
    if (step.bytes < this.#shortInsert) return this.#send(Buffer.concat(step.whole).subarray(0, -2));
    const statement = await this.#statement(step.head);
    if (statement === null) return this.#rest(bytesOf(step));
    this.#bulk = new BulkRows({ connection: await this.#open(), head: step.head, statement, artifact: this.#artifact, run: (work) => this.#run(work) });
    await this.#bulk.give(step);
  }

  async #send(statement: Buffer): Promise<void> {
    await this.#bulk?.finish();
    this.#bulk = undefined;
    await this.#run(sendBytes(await this.#open(), statement.toString("latin1")));
  }

  async #statement(head: RowsHead): Promise<string | null> {
    await this.#bulk?.finish();
    this.#bulk = undefined;
    return this.#run(loadStatement(await this.#open(), head));
  }

  /** From here on the client sees it all. */
  async #rest(pieces: readonly Buffer[]): Promise<void> {
    if (!this.#client) {
      await this.#bulk?.finish();
      this.#bulk = undefined;
      this.#connection?.destroy();
      this.#connection = undefined;
      this.#client = { session: startClient(this.#target, this.#artifact), cutter: statementCutter(this.#artifact) };
      for (const setting of this.#settings) await this.#client.session.write(setting);
    }
    const { session, cutter } = this.#client;
    for (const piece of pieces) for (const cut of cutter.push(piece)) await session.write(cut);
  }

  async #open(): Promise<Connection> {
    if (this.#connection) return this.#connection;
    const connection = await connect(this.#target.access, { localRows: true });
    this.#connection = connection;
    await this.#run(connection.query(`SET SESSION max_error_count = 65535${this.#target.skipBinlog ? ", sql_log_bin = 0" : ""}`));
    return connection;
  }

  /** What the server is asked, to its answer or the end of the load. */
  async #run<T>(work: Promise<T>): Promise<T> {
    try {
      return await Promise.race([work, this.#cancelled]);
    } catch (error) {
      if (this.#target.signal.aborted) throw abortFault(this.#target.signal);
      const fault = statementFault(error, this.#artifact);
      throw fault instanceof Fault ? fault : new Fault("LOAD_FAILED", { params: { artifact: this.#artifact, message: (error as Error).message }, cause: error });
    }
  }
}

function bytesOf(step: RowStep): readonly Buffer[] {
  if (step.kind === "rest") return step.pieces;
  return step.kind === "insert" ? step.whole : [step.text, Buffer.from(";\n")];
}

function sameHead(a: RowsHead, b: RowsHead): boolean {
  return a.table === b.table && a.separator === b.separator && String(a.columns) === String(b.columns);
}
