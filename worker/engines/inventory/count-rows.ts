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

/** Rows are most of what a server keeps of its tables: with indexes a quarter more than its memory, and the rows alone fit. */
const PAGES_TO_MEMORY = 1.25;

/**
 * Is counting by primary key the less work? It reads the pages that the dump reads as well, with as many threads as the server allows. By another index, which MySQL prefers as the shorter one, it reads
 * that index besides, page by page, and for it drops others from memory that the dump then fetches again. Where rows do not fit into memory, they would be fetched twice for a
 * count, and the shorter index is less. `memory`: of the server for pages, bytes.
 */
export function countsByKey(inventory: Inventory, memory: number): boolean {
  const pages = inventory.schemas.flatMap(({ tables }) => tables).reduce((sum, { dataBytes }) => sum + dataBytes, 0);
  return pages <= memory * PAGES_TO_MEMORY;
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
  const byKey = first && tables.some(({ table }) => hasKey(table)) ? countsByKey(inventory, await pageMemory(first)) : false;
  const tasks = tables.flatMap(({ schema, table }) => {
    const key = tableKey(schema, table.name);
    const conditions = table.cut ? rangeConditions(table.cut) : [null];
    const counts: number[] = [];
    let left = conditions.length;
    return conditions.map((condition, index) => ({
      cost: table.dataBytes / conditions.length,
      run: async (connection: Connection) => {
        const path = `${quotePath(schema, table.name)}${versioned.has(key) ? " FOR SYSTEM_TIME ALL" : ""}${byKey && hasKey(table) ? " FORCE INDEX (PRIMARY)" : ""}`;
        const [row] = await textRows(connection, `SELECT COUNT(*) FROM ${path}${condition ? ` WHERE ${condition}` : ""}`);
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

/** MySQL only: a MariaDB server counts row by row, by whichever index. */
function hasKey({ unsorted }: TableEntry): boolean {
  return unsorted === "by-key";
}

async function pageMemory(connection: Connection): Promise<number> {
  const [row] = await textRows(connection, "SELECT @@GLOBAL.innodb_buffer_pool_size");
  return Number(row?.[0] ?? 0);
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
