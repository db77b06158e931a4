import type { Connection, ResultSetHeader, RowDataPacket } from "mysql2/promise";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import { Chance } from "./chance.ts";
import type { Ledger } from "./ledger.ts";

const ACCOUNTS = 40;
/** After a connection broke: the server may be away. */
const AGAIN_MS = 50;

export const SOAK_SCHEMA = "soak";

export interface LoadOptions {
  /** Asked anew for each connection. */
  readonly access: () => ServerAccess;
  readonly ledger: Ledger;
  readonly flavor: "mysql" | "mariadb";
  readonly sessions: number;
  readonly seed: number;
  /** Pause of each session between two transactions, ms; 0: as fast as the server takes them. */
  readonly pauseMs?: number;
}

/** Tables of the load: every transaction writes an entry and moves its amount between two accounts. */
export async function makeSoakTables(access: ServerAccess): Promise<void> {
  const connection = await connect(access);
  const accounts = Array.from({ length: ACCOUNTS }, (_, id) => `(${id}, 0)`).join(", ");
  for (const statement of [
    `CREATE DATABASE ${SOAK_SCHEMA} CHARACTER SET utf8mb4`,
    `CREATE TABLE ${SOAK_SCHEMA}.accounts (id INT PRIMARY KEY, balance BIGINT NOT NULL)`,
    `CREATE TABLE ${SOAK_SCHEMA}.entries (n BIGINT PRIMARY KEY, payer INT NOT NULL, payee INT NOT NULL, amount INT NOT NULL, note VARCHAR(300) NOT NULL)`,
    `INSERT INTO ${SOAK_SCHEMA}.accounts VALUES ${accounts}`,
  ]) await connection.query(statement);
  await connection.end();
}

/** Sessions that commit small transactions until they are stopped, each noted in the ledger. A broken connection is made again; what was on its way stays open there. */
export class Load {
  readonly #options: LoadOptions;
  readonly #ends: Promise<void>[];
  #stopped = false;
  #next = 0;
  #failure: unknown;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#ends = Array.from({ length: options.sessions }, (_, number) => this.#session(new Chance(options.seed + 7919 * number)).catch((error: unknown) => {
      this.#failure ??= error;
      this.#stopped = true;
    }));
  }

  /** Why the load ended by itself; undefined while it runs. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Resolves when the last transaction has its answer. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#ends);
    if (this.#failure) throw this.#failure;
  }

  async #session(chance: Chance): Promise<void> {
    while (!this.#stopped) {
      const connection = await this.#connected().catch(() => null);
      if (!connection) {
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
        continue;
      }
      try {
        while (!this.#stopped) {
          await this.#transaction(connection, chance);
          if (this.#options.pauseMs) await new Promise((resolve) => setTimeout(resolve, this.#options.pauseMs));
        }
      } catch (error) {
        // What the server itself refuses is a mistake of the load; anything else is a broken connection.
        if ((error as { sqlState?: string }).sqlState?.startsWith("42")) throw error;
      } finally {
        connection.destroy();
      }
    }
  }

  async #connected(): Promise<Connection> {
    const connection = await connect(this.#options.access(), { database: SOAK_SCHEMA });
    if (this.#options.flavor === "mysql") await connection.query("SET SESSION session_track_gtids = OWN_GTID");
    return connection;
  }

  async #transaction(connection: Connection, chance: Chance): Promise<void> {
    const n = ++this.#next;
    const payer = chance.below(ACCOUNTS);
    const payee = (payer + 1 + chance.below(ACCOUNTS - 1)) % ACCOUNTS;
    const amount = 1 + chance.below(1000);
    await connection.query("BEGIN");
    await connection.query(`INSERT INTO entries VALUES (${n}, ${payer}, ${payee}, ${amount}, '${"x".repeat(chance.below(300))}')`);
    // In the order of the accounts: two transactions never wait for each other in a circle.
    const moves: [number, number][] = [[payer, -amount], [payee, amount]];
    for (const [account, change] of moves.sort(([a], [b]) => a - b)) await connection.query(`UPDATE accounts SET balance = balance + (${change}) WHERE id = ${account}`);
    const entry = this.#options.ledger.begin({ n, payer, payee, amount });
    const [answer] = await connection.query<ResultSetHeader>("COMMIT");
    entry.doneAt = Date.now();
    entry.outcome = "committed";
    entry.gtid = this.#options.flavor === "mysql" ? ((answer as { stateChanges?: { gtids?: string[] } }).stateChanges?.gtids?.[0] ?? null) : await lastGtid(connection);
  }
}

async function lastGtid(connection: Connection): Promise<string | null> {
  const [rows] = await connection.query<RowDataPacket[]>("SELECT @@last_gtid AS g");
  return String(rows[0]?.g ?? "") || null;
}
