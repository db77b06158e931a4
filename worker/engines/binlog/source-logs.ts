import type { Connection, RowDataPacket } from "mysql2/promise";
import type { BinlogPlace } from "#lib/contract/archive/status.ts";
import type { SourceServer } from "#lib/contract/manifest/manifest.ts";
import type { LogFile } from "#lib/domain/archive/session-plan.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { readCoordinate } from "#worker/engines/dump/snapshot.ts";
import { connect, connectionFault, type ServerAccess } from "#worker/engines/server/connect.ts";
import { identify } from "#worker/engines/server/identify.ts";

/** Listing the logs waits behind a huge commit: after this the question is given up, ms. */
const PATIENCE_MS = 20_000;

/** Questions about a server's binary logs, over one connection that is made anew when it was lost. */
export class SourceLogs {
  readonly #access: ServerAccess;
  #connection: Connection | undefined;
  #server: SourceServer | undefined;

  constructor(access: ServerAccess) {
    this.#access = access;
  }

  /** Who the server is; asked at the beginning of each connection. Faults SERVER_*. */
  async identity(): Promise<SourceServer> {
    await this.#open();
    if (!this.#server) throw new Fault("SERVER_CONNECTION_LOST", { params: { server: this.#access.name } });
    return this.#server;
  }

  /** Name that the archive goes by: server_uuid, and on MariaDB, which has none that a copied folder does not carry along, `server-<id>`. */
  async uuid(): Promise<string> {
    const server = await this.identity();
    return server.flavor === "mysql" ? server.uuid : `server-${server.serverId}`;
  }

  /** Where the server writes now. Faults SERVER_*, SERVER_BINLOG_OFF. */
  place(): Promise<BinlogPlace> {
    return this.#ask(async (connection, server) => {
      const found = await readCoordinate(connection, server);
      if (!found) throw new Fault("SERVER_BINLOG_OFF", { params: { server: this.#access.name } });
      return { file: found.file, position: Number(found.position) };
    });
  }

  /** All binary logs that the server still has, oldest first. Faults SERVER_*. */
  list(): Promise<LogFile[]> {
    return this.#ask(async (connection) => {
      const [rows] = await connection.query<RowDataPacket[]>("SHOW BINARY LOGS");
      return rows.map((row) => ({ name: String(row.Log_name), bytes: Number(row.File_size) }));
    });
  }

  /** Makes the server close its current file and begin the next one. Faults SERVER_*. */
  rotate(): Promise<void> {
    return this.#ask(async (connection) => void (await connection.query("FLUSH BINARY LOGS")));
  }

  close(): void {
    this.#connection?.destroy();
    this.#connection = undefined;
    this.#server = undefined;
  }

  async #open(): Promise<Connection> {
    if (this.#connection) return this.#connection;
    const connection = await connect(this.#access);
    this.#server = await identify(connection, this.#access.name).catch((error: unknown) => {
      connection.destroy();
      throw connectionFault(this.#access.name, error);
    });
    this.#connection = connection;
    return connection;
  }

  async #ask<T>(question: (connection: Connection, server: SourceServer) => Promise<T>): Promise<T> {
    const connection = await this.#open();
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Fault("SERVER_CONNECTION_LOST", { params: { server: this.#access.name }, detail: `no answer within ${PATIENCE_MS} ms` })), PATIENCE_MS);
    try {
      return await Promise.race([question(connection, await this.identity()), late.promise]);
    } catch (error) {
      this.close();
      if ((error as { code?: string }).code === "ER_NO_BINARY_LOGGING") throw new Fault("SERVER_BINLOG_OFF", { params: { server: this.#access.name } });
      throw connectionFault(this.#access.name, error);
    } finally {
      clearTimeout(timer);
    }
  }
}
