import type { Connection } from "mysql2/promise";
import type { Coordinate, SourceServer } from "#lib/contract/manifest/manifest.ts";
import { quotePath } from "#lib/domain/backup/sql-name.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { endConnections } from "#worker/engines/dump/end-connections.ts";
import { readCoordinate } from "#worker/engines/dump/snapshot.ts";
import { tableKey } from "#worker/engines/inventory/on-connections.ts";
import { textRows } from "#worker/engines/inventory/information-schema.ts";
import { userSchemas } from "#worker/engines/inventory/user-schemas.ts";
import { connect, connectionFault, type ServerAccess } from "#worker/engines/server/connect.ts";
import { abortFault } from "#worker/exec/run.ts";
import { type OtherTable, otherTables } from "./other-tables.ts";

const ER_NO_SUCH_TABLE = 1146;
const ER_LOCK_WAIT_TIMEOUT = 1205;
const DENIED = new Set([1044, 1142, 1227]);
/** A table may go between the list and the lock; nobody drops tables for ever. */
const TRIES = 5;

/** Tables of other engines that nobody writes to until they are released; everybody else's tables are free. */
export interface HeldTables {
  readonly tables: readonly OtherTable[];
  /** Names of all user schemas, in the order of an inventory. */
  readonly schemas: readonly string[];
  /** SHOW CREATE TABLE, keyed `schema\0table`. */
  readonly definitions: ReadonlyMap<string, string>;
  /** Where the server stood once they were held; null where it writes no binary log. */
  readonly coordinate: Coordinate | null;
  /** Frees writers. Milliseconds that they were held. Fault SERVER_CONNECTION_LOST when the tables were not held all the while. */
  release(): Promise<number>;
  /** Ends the connection, whatever it waits for; idempotent, also after `release`. */
  end(): Promise<void>;
}

/**
 * Holds all tables of other engines (FLUSH TABLES … WITH READ LOCK): what was written to them before is in the binary log, and nothing more comes.
 * Faults: LOCK_TIMEOUT, SERVER_GRANT_MISSING, SERVER_CONNECTION_LOST, CANCELLED.
 */
export async function holdTables(access: ServerAccess, server: Pick<SourceServer, "flavor" | "version">, options: { readonly lockTimeoutSeconds: number; readonly signal: AbortSignal }): Promise<HeldTables> {
  const { signal, lockTimeoutSeconds } = options;
  if (signal.aborted) throw abortFault(signal);
  const connection = await connect(access);
  let ending: Promise<void> | undefined;
  const end = (): Promise<void> => {
    signal.removeEventListener("abort", onAbort);
    ending ??= endConnections(access, [connection]);
    return ending;
  };
  const onAbort = (): void => void end();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await connection.query("SET SESSION lock_wait_timeout = ?", [lockTimeoutSeconds]);
    const { tables, began } = await lockAll(connection, lockTimeoutSeconds);
    const coordinate = await readCoordinate(connection, server);
    const schemas = (await userSchemas(connection, null)).map(({ name }) => name);
    const definitions = new Map<string, string>();
    for (const { schema, name } of tables) definitions.set(tableKey(schema, name), (await textRows(connection, `SHOW CREATE TABLE ${quotePath(schema, name)}`))[0]?.[1] ?? "");
    const release = async (): Promise<number> => {
      try {
        // A connection that was lost meanwhile held nothing.
        await connection.query("UNLOCK TABLES");
        return Math.round(performance.now() - began);
      } catch (error) {
        throw signal.aborted ? abortFault(signal) : connectionFault(access.name, error);
      } finally {
        await end();
      }
    };
    return { tables, schemas, definitions, coordinate, release, end };
  } catch (error) {
    await end();
    throw signal.aborted ? abortFault(signal) : connectionFault(access.name, error);
  }
}

async function lockAll(connection: Connection, lockTimeoutSeconds: number): Promise<{ tables: OtherTable[]; began: number }> {
  for (let left = TRIES; ; left -= 1) {
    const tables = await otherTables(connection);
    const began = performance.now();
    try {
      if (tables.length > 0) await connection.query(`FLUSH TABLES ${tables.map(({ schema, name }) => quotePath(schema, name)).join(", ")} WITH READ LOCK`);
      return { tables, began };
    } catch (error) {
      const { errno = 0, message } = error as { errno?: number; message?: string };
      if (errno === ER_NO_SUCH_TABLE && left > 1) continue;
      if (errno === ER_LOCK_WAIT_TIMEOUT) throw new Fault("LOCK_TIMEOUT", { params: { seconds: lockTimeoutSeconds }, cause: error });
      if (DENIED.has(errno)) throw new Fault("SERVER_GRANT_MISSING", { params: { grant: "LOCK TABLES", statement: "GRANT LOCK TABLES ON *.* TO …" }, detail: String(message), cause: error });
      throw error;
    }
  }
}
