import { readFileSync } from "node:fs";
import mysql, { type Connection } from "mysql2/promise";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Secret } from "#lib/platform/secret.ts";
import { COMMITTING, WITHOUT_LIMITS } from "./session-limits.ts";

/** How to reach a database server with one account: credentials opened, ready for clients and connections. */
export interface ServerAccess {
  readonly name: string;
  readonly socket?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly user: string;
  readonly password: Secret;
  readonly tls?: { readonly mode: "disabled" | "required" | "verify-ca" | "verify-identity"; readonly ca?: string | undefined } | undefined;
}

/**
 * One connection: UTC, utf8mb4, no limit on what it reads, each statement committed, integers beyond 2^53 and dates as text. LOAD DATA LOCAL is refused, unless the caller gives its rows itself
 * (`localRows`: the driver opens no files either way).
 * Faults: SERVER_UNREACHABLE, SERVER_ACCESS_DENIED.
 */
export async function connect(access: ServerAccess, options: { database?: string; timeoutMs?: number; localRows?: boolean } = {}): Promise<Connection> {
  try {
    const connection = await mysql.createConnection({
      ...(access.socket ? { socketPath: access.socket } : { host: access.host ?? "127.0.0.1", port: access.port ?? 3306 }),
      user: access.user,
      password: access.password.reveal(),
      ...(options.database ? { database: options.database } : {}),
      ...(tlsOptions(access) ?? {}),
      charset: "utf8mb4_general_ci",
      timezone: "Z",
      dateStrings: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
      multipleStatements: false,
      connectTimeout: options.timeoutMs ?? 10_000,
      flags: [options.localRows ? "LOCAL_FILES" : "-LOCAL_FILES"],
    });
    // A later loss of the connection is seen by the next query; without a listener it would end the process.
    connection.on("error", () => undefined);
    await connection.query(`SET SESSION time_zone = '+00:00', wait_timeout = 86400, net_write_timeout = 3600, net_read_timeout = 3600, ${COMMITTING}, ${WITHOUT_LIMITS}`);
    return connection;
  } catch (error) {
    throw connectionFault(access.name, error);
  }
}

/** Maps a driver error to the fault it means for this server; a Fault stays what it is. */
export function connectionFault(server: string, error: unknown): Fault {
  if (error instanceof Fault) return error;
  const { code, message } = error as { code?: string; message?: string };
  const text = String(message ?? error);
  if (code === "ER_ACCESS_DENIED_ERROR" || code === "ER_DBACCESS_DENIED_ERROR" || code === "ER_HOST_NOT_PRIVILEGED") {
    return new Fault("SERVER_ACCESS_DENIED", { params: { server }, detail: text, cause: error });
  }
  if (isLoss(error)) {
    return new Fault("SERVER_CONNECTION_LOST", { params: { server }, detail: text, cause: error });
  }
  return new Fault("SERVER_UNREACHABLE", { params: { server, message: text }, cause: error });
}

/** SERVER_CONNECTION_LOST for a driver error that says so; everything else as it comes. */
export function lostConnection(server: string, error: unknown): unknown {
  return !(error instanceof Fault) && isLoss(error) ? connectionFault(server, error) : error;
}

function isLoss(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return LOSSES.has(code ?? "") || /closed state|Connection lost|Connection was killed/i.test(String(message ?? error));
}

const LOSSES = new Set(["PROTOCOL_CONNECTION_LOST", "ER_QUERY_INTERRUPTED", "ER_SERVER_SHUTDOWN", "ER_CONNECTION_KILLED", "ER_CLIENT_INTERACTION_TIMEOUT", "ECONNRESET", "EPIPE"]);

function tlsOptions(access: ServerAccess): object | undefined {
  if (!access.tls || access.tls.mode === "disabled") return undefined;
  const verify = access.tls.mode === "verify-ca" || access.tls.mode === "verify-identity";
  return {
    ssl: {
      rejectUnauthorized: verify,
      verifyIdentity: access.tls.mode === "verify-identity",
      ...(access.tls.ca ? { ca: readFileSync(access.tls.ca) } : {}),
    },
  };
}
