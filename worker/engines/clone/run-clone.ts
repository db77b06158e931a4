import type { Connection } from "mysql2/promise";
import { Fault } from "#lib/domain/fault/fault.ts";
import { textRows } from "#worker/engines/inventory/information-schema.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import { abortFault } from "#worker/exec/run.ts";

const POLL_MS = 500;
const LOOK_MS = 50;
const KILL_EVERY_MS = 200;

/** What is copied in about a second: not worth a look at how far it is. */
const SHORT_BYTES = 512 * 1024 * 1024;
/** So long before the expected end; the wait for a lock is on top. */
const LEAD_MS = 5000;

export interface CloneProgress {
  /** `FILE COPY`, `PAGE COPY`, `REDO COPY`, `FILE SYNC`. */
  readonly stage: string;
  readonly bytesDone: number;
  /** The server's estimate; grows while it is written to. */
  readonly bytesTotal: number;
}

export interface CloneOptions {
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly onProgress?: (progress: CloneProgress) => void;
  readonly before?: BeforeEnd | undefined;
}

/** Something that must be done before the copy reaches its point in time, and as late as that is safe. */
export interface BeforeEnd {
  /** Of the files, bytes. */
  readonly dataBytes: number;
  /** Copies of no more than this are not watched: it is done before they begin. Default 512 MiB. */
  readonly shortBytes?: number;
  run(): Promise<void>;
}

/** The statement that makes a server write a copy. */
export interface CloneOrder {
  readonly access: ServerAccess;
  readonly sql: string;
  readonly values: readonly string[];
}

/**
 * Runs a CLONE statement and watches it; ends it on the server when the signal aborts. Gives the moment of its end, epoch milliseconds of this host.
 * Faults: CANCELLED, CLONE_TABLES_LATE when `before` was not done in time, what `before` throws, and what `explain` makes of the server's answer.
 */
export async function runClone(order: CloneOrder, options: CloneOptions, explain: (error: unknown) => unknown): Promise<number> {
  const { signal } = options;
  if (signal.aborted) throw abortFault(signal);
  const connection = await connect(order.access);
  const watcher = await connect(order.access).catch((error: unknown) => {
    connection.destroy();
    throw error;
  });
  let ended = false;
  let killing: NodeJS.Timeout | undefined;
  // A KILL that comes before the statement has begun does nothing: asked again until it has ended.
  const kill = (): void => {
    killing ??= setInterval(() => void watcher.query(`KILL QUERY ${connection.threadId}`).catch(() => undefined), KILL_EVERY_MS);
  };
  const errand = options.before && new Errand(options.before, kill);
  let watching: Promise<void> | undefined;
  signal.addEventListener("abort", kill, { once: true });
  try {
    await errand?.begin();
    watching = watch(watcher, { ended: () => ended, onProgress: options.onProgress, errand });
    await connection.query(order.sql, [...order.values]);
    const at = options.now();
    if (signal.aborted) throw abortFault(signal);
    await errand?.requireDone();
    return at;
  } catch (error) {
    throw signal.aborted ? abortFault(signal) : (errand?.failure ?? (error instanceof Fault ? error : explain(error)));
  } finally {
    ended = true;
    clearInterval(killing);
    signal.removeEventListener("abort", kill);
    await watching;
    for (const open of [connection, watcher]) open.destroy();
  }
}

/** Looks after `before`: begins it when the end draws near, stops the clone when it fails, knows whether it was in time. */
class Errand {
  readonly #before: BeforeEnd;
  readonly #stop: () => void;
  readonly #beganAt = performance.now();
  #running: Promise<void> | undefined;
  #done = false;
  failure: unknown;

  constructor(before: BeforeEnd, stop: () => void) {
    this.#before = before;
    this.#stop = stop;
  }

  get waits(): boolean {
    return this.#running === undefined;
  }

  /** Before the copy begins: done at once where the whole copy is short. */
  async begin(): Promise<void> {
    if (this.#before.dataBytes <= (this.#before.shortBytes ?? SHORT_BYTES)) await this.#start();
  }

  look({ stage, bytesDone, bytesTotal }: CloneProgress): void {
    if (!this.waits || !isNearEnd({ stage, bytesDone, bytesTotal, elapsedMs: performance.now() - this.#beganAt })) return;
    this.#start().catch(() => this.#stop());
  }

  /** At the end of the copy. Fault CLONE_TABLES_LATE. */
  async requireDone(): Promise<void> {
    if (this.#done) return;
    await this.#running;
    throw new Fault("CLONE_TABLES_LATE");
  }

  #start(): Promise<void> {
    this.#running = this.#before.run().then(
      () => {
        this.#done = true;
      },
      (error: unknown) => {
        this.failure = error;
        throw error;
      },
    );
    return this.#running;
  }
}

/** Will a copy that went on like this be at its end within five seconds? Past the files, in any case; before them (`DROP DATA`), never. */
export function isNearEnd({ stage, bytesDone, bytesTotal, elapsedMs }: CloneProgress & { readonly elapsedMs: number }): boolean {
  if (stage === "DROP DATA") return false;
  if (stage !== "FILE COPY") return true;
  return bytesDone > 0 && ((bytesTotal - bytesDone) / bytesDone) * elapsedMs <= LEAD_MS;
}

interface Watch {
  ended(): boolean;
  readonly onProgress: ((progress: CloneProgress) => void) | undefined;
  readonly errand: Errand | undefined;
}

async function watch(watcher: Connection, { ended, onProgress, errand }: Watch): Promise<void> {
  for (let told = 0; !ended(); ) {
    const rows = await textRows(watcher, "SELECT STAGE, STATE, DATA, ESTIMATE FROM performance_schema.clone_progress").catch(() => []);
    const stage = rows.find(([, state]) => state === "In Progress")?.[0];
    const sum = (column: number): number => rows.reduce((total, row) => total + Number(row[column] ?? 0), 0);
    if (stage && !ended()) {
      const progress = { stage, bytesDone: sum(2), bytesTotal: Math.max(sum(2), sum(3)) };
      errand?.look(progress);
      if (performance.now() - told >= POLL_MS) {
        told = performance.now();
        onProgress?.(progress);
      }
    }
    const pause = errand?.waits ? LOOK_MS : POLL_MS;
    for (const until = performance.now() + pause; !ended() && performance.now() < until; ) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
