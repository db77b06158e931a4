import type { Connection } from "mysql2/promise";
import { literal, textRows } from "./information-schema.ts";
import { tableKey } from "./on-connections.ts";

/** MariaDB's system-versioned tables by tableKey: their rows of the past count as data. MySQL has none. */
export async function versionedTables(connection: Connection, schemas: readonly string[]): Promise<Set<string>> {
  if (schemas.length === 0) return new Set();
  const rows = await textRows(connection, `SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_TYPE = 'SYSTEM VERSIONED' AND TABLE_SCHEMA IN (${schemas.map(literal).join(", ")})`);
  return new Set(rows.map(([schema, table]) => tableKey(schema ?? "", table ?? "")));
}
