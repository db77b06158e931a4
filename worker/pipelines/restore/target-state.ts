import { statfs } from "node:fs/promises";
import type { Connection, RowDataPacket } from "mysql2/promise";
import type { Inventory, SourceServer } from "#lib/contract/manifest/manifest.ts";
import { collectInventory } from "#worker/engines/inventory/collect-inventory.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import { identify, readVariables } from "#worker/engines/server/identify.ts";

/** The target as it is now. */
export interface TargetState {
  readonly server: SourceServer;
  /** Names of all schemas. */
  readonly schemas: readonly string[];
  /** Accounts, `user@host`. */
  readonly accounts: readonly string[];
  /** What stands in the schemas that would be replaced; empty unless in place. */
  readonly replaced: Inventory;
  /** Foreign keys that point from outside into what would be replaced, or out of it: `schema.table.key`. */
  readonly crossingKeys: readonly string[];
  /** Is `log_bin` on and `log_bin_trust_function_creators` off? */
  readonly refusesFunctions: boolean;
  /** A new instance: no schema of anybody, no replica, and this account may leave the binary log out. Nothing is lost then by loading past it. */
  readonly isNew: boolean;
  /** Free bytes where its data lie; null when that is not on this host. */
  readonly freeBytes: number | null;
}

/** Reads the target once. `schemas` and `tables` are what an in-place restore replaces. Faults SERVER_*. */
export async function readTarget(access: ServerAccess, name: string, replace: { schemas: readonly string[]; tables: readonly string[] | null }): Promise<TargetState> {
  const connection = await connect(access);
  try {
    const server = await identify(connection, name);
    const variables = await readVariables(connection);
    const schemas = await column(connection, "SELECT SCHEMA_NAME AS v FROM information_schema.SCHEMATA ORDER BY 1");
    const present = replace.schemas.filter((schema) => schemas.includes(schema));
    return {
      server,
      schemas,
      accounts: await column(connection, "SELECT CONCAT(User, '@', Host) AS v FROM mysql.user ORDER BY 1").catch(() => []),
      replaced: present.length === 0 ? { schemas: [], accounts: [] } : await collectInventory(connection, { schemas: present, flavor: server.flavor, accounts: false }),
      crossingKeys: await crossingKeys(connection, present, replace.tables),
      refusesFunctions: variables.get("log_bin") === "ON" && variables.get("log_bin_trust_function_creators") === "OFF",
      isNew: schemas.every((schema) => OWN_SCHEMAS.has(schema)) && (await hasNoReplica(connection)) && (await maySkipBinlog(connection)),
      freeBytes: access.socket ? await freeBytes(variables.get("datadir") ?? "") : null,
    };
  } finally {
    connection.destroy();
  }
}

const OWN_SCHEMAS: ReadonlySet<string> = new Set(["information_schema", "mysql", "performance_schema", "sys"]);

/** Connected replicas would miss what is loaded past the binary log. Where it cannot be asked, there may be some. */
async function hasNoReplica(connection: Connection): Promise<boolean> {
  const [rows] = await connection.query<RowDataPacket[]>("SELECT ID FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%' LIMIT 1");
  return rows.length === 0;
}

async function maySkipBinlog(connection: Connection): Promise<boolean> {
  try {
    await connection.query("SET SESSION sql_log_bin = 0");
    return true;
  } catch {
    return false;
  }
}

/** Foreign keys between what is given and the rest, either way: `schema.table.key`. `tables`: of the one schema; null = all. One that waits for a table that is not there is no such key: it finds it when it comes. */
export async function crossingKeys(connection: Connection, schemas: readonly string[], tables: readonly string[] | null): Promise<string[]> {
  if (schemas.length === 0) return [];
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT DISTINCT CONSTRAINT_NAME AS k, TABLE_SCHEMA AS s, TABLE_NAME AS t, REFERENCED_TABLE_SCHEMA AS rs, REFERENCED_TABLE_NAME AS rt
       FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_NAME IS NOT NULL AND (TABLE_SCHEMA IN (?) OR REFERENCED_TABLE_SCHEMA IN (?))`,
    [schemas, schemas],
  );
  const inside = (schema: string, table: string): boolean => schemas.includes(schema) && (tables === null || tables.includes(table));
  const crossing = rows.filter((row) => inside(row.s, row.t) !== inside(row.rs, row.rt));
  const there = new Set(crossing.length === 0 ? [] : await column(connection, "SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) AS v FROM information_schema.TABLES WHERE TABLE_TYPE <> 'VIEW'"));
  return crossing.filter((row) => there.has(`${row.rs}.${row.rt}`)).map((row) => `${row.s}.${row.t}.${row.k}`).sort();
}

async function column(connection: Connection, sql: string): Promise<string[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql);
  return rows.map((row) => String(row.v));
}

async function freeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
