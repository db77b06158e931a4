import type { Connection, RowDataPacket } from "mysql2/promise";
import { quoteName } from "#lib/domain/backup/sql-name.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { HEARTBEAT_PRIVILEGES, schemaInGrant } from "#worker/engines/preflight/grants.ts";
import { connect, connectionFault, type ServerAccess } from "#worker/engines/server/connect.ts";

const TABLE = "beat";
/** A server that is being backed up may hold writers for a moment: then this beat is left out, seconds. */
const LOCK_SECONDS = 5;
const ANSWER_MS = 15_000;
/** What a server answers to an account that may not write there. */
const REFUSALS: ReadonlySet<string> = new Set(["ER_DBACCESS_DENIED_ERROR", "ER_TABLEACCESS_DENIED_ERROR", "ER_ACCESS_DENIED_ERROR", "ER_SPECIFIC_ACCESS_DENIED_ERROR", "ER_OPTION_PREVENTS_STATEMENT"]);

/** Writes marker rows into a schema of its own, over a session of its own that is made anew when it was lost. */
export class Heartbeat {
  readonly #access: ServerAccess;
  readonly #schema: string;
  readonly #host: string;
  #connection: Connection | undefined;

  /** `host` stands in the row: who wrote it. */
  constructor(access: ServerAccess, schema: string, host: string) {
    this.#access = access;
    this.#schema = schema;
    this.#host = host;
  }

  /** One row more and the older ones gone, in one transaction; schema and table are made where they are missing. Faults HEARTBEAT_REFUSED, SERVER_*. */
  async beat(): Promise<void> {
    try {
      const connection = await this.#open();
      const table = `${quoteName(this.#schema)}.${TABLE}`;
      await ask(connection, "START TRANSACTION");
      await ask(connection, `INSERT INTO ${table} (host, written_at) VALUES (?, UTC_TIMESTAMP(6))`, [this.#host]);
      await ask(connection, `DELETE FROM ${table} WHERE id < LAST_INSERT_ID()`);
      await ask(connection, "COMMIT");
    } catch (error) {
      this.close();
      const { code = "", message = "" } = error as { code?: string; message?: string };
      if (!REFUSALS.has(code)) throw connectionFault(this.#access.name, error);
      throw new Fault("HEARTBEAT_REFUSED", { params: { server: this.#access.name, schema: this.#schema, statement: `GRANT ${HEARTBEAT_PRIVILEGES.join(", ")} ON ${schemaInGrant(this.#schema)} TO …;`, message }, cause: error });
    }
  }

  close(): void {
    this.#connection?.destroy();
    this.#connection = undefined;
  }

  async #open(): Promise<Connection> {
    if (this.#connection) return this.#connection;
    const connection = await connect(this.#access);
    this.#connection = connection;
    await ask(connection, `SET SESSION lock_wait_timeout = ${LOCK_SECONDS}, innodb_lock_wait_timeout = ${LOCK_SECONDS}`);
    // Asked first: CREATE … IF NOT EXISTS stands in the binary log each time.
    const [rows] = await connection.query<RowDataPacket[]>({ sql: "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?", timeout: ANSWER_MS }, [this.#schema, TABLE]);
    if (rows.length === 0) {
      await ask(connection, `CREATE DATABASE IF NOT EXISTS ${quoteName(this.#schema)}`);
      await ask(connection, `CREATE TABLE IF NOT EXISTS ${quoteName(this.#schema)}.${TABLE} (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, host VARCHAR(40) NOT NULL, written_at DATETIME(6) NOT NULL) ENGINE=InnoDB`);
    }
    return connection;
  }
}

async function ask(connection: Connection, sql: string, values: readonly string[] = []): Promise<void> {
  await connection.query({ sql, timeout: ANSWER_MS }, [...values]);
}
