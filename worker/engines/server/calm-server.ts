import type { Connection } from "mysql2/promise";
import { textRows } from "#worker/engines/inventory/information-schema.ts";
import { connect, type ServerAccess } from "./connect.ts";

/** A server that writes no more redo log than this is not worked on: a few small transactions a second at the most, bytes a second. */
const CALM_BYTES = 8 * 1024;
/** What it wrote is looked at over this long at the least, ms. */
const SPAN_MS = 1000;

/** Is anybody writing to a server? Asked again and again, it tells of the last second or more; before it has seen a second, and where the server cannot be asked, it takes it for busy. */
export class CalmServer {
  readonly #written: () => Promise<number>;
  readonly #now: () => number;
  #last: { readonly at: number; readonly bytes: number } | null = null;
  #calm = false;
  #asking: Promise<void> | null = null;

  /** `written`: bytes of redo log since the server's start; `now`: monotonic, ms. */
  constructor(written: () => Promise<number>, now: () => number) {
    this.#written = written;
    this.#now = now;
  }

  async isCalm(): Promise<boolean> {
    if (this.#last === null || this.#now() - this.#last.at >= SPAN_MS) {
      this.#asking ??= this.#ask().finally(() => {
        this.#asking = null;
      });
      await this.#asking;
    }
    return this.#calm;
  }

  async #ask(): Promise<void> {
    const bytes = await this.#written().catch(() => Number.NaN);
    const at = this.#now();
    this.#calm = this.#last !== null && bytes - this.#last.bytes >= 0 && ((bytes - this.#last.bytes) * 1000) / (at - this.#last.at) <= CALM_BYTES;
    this.#last = { at, bytes };
  }
}

/** Asks a server for what it has written to its redo log, over a connection of its own that is kept. */
export class RedoLogBytes {
  readonly #access: ServerAccess;
  #connection: Promise<Connection> | undefined;

  constructor(access: ServerAccess) {
    this.#access = access;
  }

  /** Since the server's start; NaN where it does not tell. Faults SERVER_*. */
  async read(): Promise<number> {
    this.#connection ??= connect(this.#access);
    const [row] = await textRows(await this.#connection, "SHOW GLOBAL STATUS LIKE 'Innodb_os_log_written'");
    return Number(row?.[1] ?? Number.NaN);
  }

  close(): void {
    this.#connection?.then((connection) => connection.destroy(), () => undefined);
    this.#connection = undefined;
  }
}
