import type { Connection } from "mysql2/promise";
import { Fault } from "#lib/domain/fault/fault.ts";
import { Heartbeat } from "#worker/engines/heartbeat/heartbeat.ts";
import { connect, type ServerAccess } from "./connect.ts";

/** A question that takes longer is given up, and its connection with it, ms. */
const GIVEN_UP_MS = 60_000;

/**
 * Asks a server the same small thing again and again and says how long each answer took. Where heartbeats are written anyway it is a commit, which waits for the disk as the
 * application's do; else the smallest statement there is, which needs no right and changes nothing.
 */
export class LatencyProbe {
  readonly #access: ServerAccess;
  #heartbeat: Heartbeat | null;
  #connection: Connection | undefined;
  #closed = false;
  /** The first answer after connecting is not counted. */
  #warm = false;

  /** `heartbeat`: where marker rows of this host may be written; null: nowhere. */
  constructor(access: ServerAccess, heartbeat: { readonly schema: string; readonly host: string } | null) {
    this.#access = access;
    this.#heartbeat = heartbeat && new Heartbeat(access, heartbeat.schema, heartbeat.host);
  }

  /** Milliseconds to one answer. Faults SERVER_*; after one, the next question connects anew. */
  async ask(): Promise<number> {
    if (!this.#warm) await this.#question();
    this.#warm = true;
    const asked = performance.now();
    await this.#question();
    return performance.now() - asked;
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  async #question(): Promise<void> {
    if (this.#closed) throw new Error("the probe was closed");
    try {
      if (this.#heartbeat) return await this.#heartbeat.beat();
      this.#connection ??= await connect(this.#access);
      if (this.#closed) this.#drop();
      else await this.#connection.query({ sql: "SELECT 1", timeout: GIVEN_UP_MS });
    } catch (error) {
      this.#drop();
      if (!(error instanceof Fault && error.code === "HEARTBEAT_REFUSED")) throw error;
      this.#heartbeat = null;
      await this.#question();
    }
  }

  #drop(): void {
    this.#warm = false;
    this.#heartbeat?.close();
    this.#connection?.destroy();
    this.#connection = undefined;
  }
}
