import type { Connection } from "mysql2/promise";
import type { Inventory } from "#lib/contract/manifest/manifest.ts";
import { quotePath } from "#lib/domain/backup/sql-name.ts";
import { onConnections, tableKey, withTables } from "./on-connections.ts";
import { textRows } from "./information-schema.ts";
import { versionedTables } from "./versioned-tables.ts";

export interface TableProgress {
  readonly done: number;
  readonly total: number;
  readonly schema: string;
  readonly table: string;
}

export interface TableWalk {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TableProgress) => void) | undefined;
}

/**
 * The inventory with `rows` counted exactly (MariaDB: the history of system-versioned tables included). Every connection must stand in the same snapshot
 * (START TRANSACTION WITH CONSISTENT SNAPSHOT under one lock), or on a server that nobody writes to.
 */
export async function countRows(connections: readonly Connection[], inventory: Inventory, walk: TableWalk = {}): Promise<Inventory> {
  const counted = new Map<string, number>();
  const tables = inventory.schemas.flatMap((schema) => schema.tables.map((table) => ({ schema: schema.name, table })));
  const [first] = connections;
  const versioned = first ? await versionedTables(first, inventory.schemas.map(({ name }) => name)) : new Set<string>();
  const tasks = tables.map(({ schema, table }) => ({
    cost: table.dataBytes,
    run: async (connection: Connection) => {
      const [row] = await textRows(connection, `SELECT COUNT(*) FROM ${quotePath(schema, table.name)}${versioned.has(tableKey(schema, table.name)) ? " FOR SYSTEM_TIME ALL" : ""}`);
      counted.set(tableKey(schema, table.name), Number(row?.[0]));
      walk.onProgress?.({ done: counted.size, total: tables.length, schema, table: table.name });
    },
  }));
  await onConnections(connections, tasks, walk.signal);
  return withTables(inventory, (schema, table) => ({ ...table, rows: counted.get(tableKey(schema, table.name)) ?? 0 }));
}
