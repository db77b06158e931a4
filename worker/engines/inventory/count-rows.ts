import type { Connection } from "mysql2/promise";
import type { Inventory, TableCut, TableEntry } from "#lib/contract/manifest/manifest.ts";
import { rangeCondition } from "#lib/domain/backup/key-ranges.ts";
import { quotePath } from "#lib/domain/backup/sql-name.ts";
import { onConnections, type Surroundings, tableKey, withTables } from "./on-connections.ts";
import { textRows } from "./information-schema.ts";
import { versionedTables } from "./versioned-tables.ts";

export interface TableProgress {
  readonly done: number;
  readonly total: number;
  readonly schema: string;
  readonly table: string;
}

export interface TableWalk extends Surroundings {
  readonly onProgress?: ((progress: TableProgress) => void) | undefined;
}

/**
 * The inventory with `rows` counted exactly, range by range where a table has a cut (MariaDB: the history of system-versioned tables included). Every connection must stand in the same snapshot
 * (START TRANSACTION WITH CONSISTENT SNAPSHOT under one lock), or on a server that nobody writes to.
 */
export async function countRows(connections: readonly Connection[], inventory: Inventory, walk: TableWalk = {}): Promise<Inventory> {
  const counted = new Map<string, number[]>();
  let done = 0;
  const tables = inventory.schemas.flatMap((schema) => schema.tables.map((table) => ({ schema: schema.name, table })));
  const [first] = connections;
  const versioned = first ? await versionedTables(first, inventory.schemas.map(({ name }) => name)) : new Set<string>();
  const tasks = tables.flatMap(({ schema, table }) => {
    const key = tableKey(schema, table.name);
    const conditions = table.cut ? rangeConditions(table.cut) : [null];
    const counts: number[] = [];
    let left = conditions.length;
    return conditions.map((condition, index) => ({
      cost: table.dataBytes / conditions.length,
      run: async (connection: Connection) => {
        const [row] = await textRows(connection, `SELECT COUNT(*) FROM ${quotePath(schema, table.name)}${versioned.has(key) ? " FOR SYSTEM_TIME ALL" : ""}${condition ? ` WHERE ${condition}` : ""}`);
        counts[index] = Number(row?.[0]);
        left -= 1;
        if (left > 0) return;
        counted.set(key, counts);
        walk.onProgress?.({ done: ++done, total: tables.length, schema, table: table.name });
      },
    }));
  });
  await onConnections(connections, tasks, walk);
  return withTables(inventory, (schema, table) => withCounts(table, counted.get(tableKey(schema, table.name)) ?? []));
}

/** The conditions of the ranges that a table is dumped in, in their order. */
export function rangeConditions({ column, ranges }: TableCut): string[] {
  return ranges.map((range) => rangeCondition({ column, ...range }));
}

/** The table with its rows, of each range where it is dumped in ranges. */
export function withCounts(table: TableEntry, counts: readonly number[]): TableEntry {
  const { cut } = table;
  const rows = counts.reduce((sum, count) => sum + count, 0);
  return cut ? { ...table, rows, cut: { ...cut, ranges: cut.ranges.map((range, index) => ({ ...range, rows: counts[index] ?? 0 })) } } : { ...table, rows };
}
