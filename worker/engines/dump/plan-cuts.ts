import type { Connection, RowDataPacket } from "mysql2/promise";
import type { Inventory, TableCut, TableEntry } from "#lib/contract/manifest/manifest.ts";
import { evenCuts, type KeyInterval, type KeyRange, rangeCondition, rangesBetween } from "#lib/domain/backup/key-ranges.ts";
import { MOST_RANGES, rangeCounts } from "#lib/domain/backup/range-counts.ts";
import { quoteName, quotePath } from "#lib/domain/backup/sql-name.ts";
import { textRows } from "../inventory/information-schema.ts";
import { tableKey, withTables } from "../inventory/on-connections.ts";
import { versionedTables } from "../inventory/versioned-tables.ts";
import { keyIntervals } from "./key-intervals.ts";

export interface CutPlan {
  readonly streams: number;
  /** Size of a range, bytes; 0: nothing is cut anew. */
  readonly rangeBytes: number;
  /** Differential: tables that the full holds are dumped as they were for it, in the very same ranges or whole. */
  readonly base?: Inventory | undefined;
}

const INTEGER = /^(?:tiny|small|medium|big)?int\b/i;

/**
 * The inventory in which tables that are to be dumped in ranges say so (`cut`, nothing counted yet). Only InnoDB tables whose primary key begins with an integer are
 * cut: its bounds stand in the manifest in plain text, which those of other keys, being row data, may not. Reads estimates, no rows.
 */
export async function planCuts(connection: Connection, inventory: Inventory, plan: CutPlan): Promise<Inventory> {
  const versioned = await versionedTables(connection, inventory.schemas.map(({ name }) => name));
  const may = (schema: string, { engine, name }: TableEntry): boolean => engine.toLowerCase() === "innodb" && !name.includes("\n") && !versioned.has(tableKey(schema, name));
  const before = new Map(plan.base?.schemas.flatMap((schema) => schema.tables.map((table) => [tableKey(schema.name, table.name), table] as const)));
  const all = inventory.schemas.flatMap((schema) => schema.tables.map((table) => ({ schema: schema.name, table, key: tableKey(schema.name, table.name) })));
  const cuts = new Map<string, TableCut>();
  for (const { schema, table, key } of all) {
    const { cut } = before.get(key) ?? {};
    if (cut && may(schema, table) && (await firstKeyColumn(connection, schema, table.name)) === cut.column) cuts.set(key, uncounted(cut.column, cut.ranges));
  }
  const total = all.reduce((sum, { table }) => sum + table.dataBytes, 0);
  const free = all.filter(({ schema, table, key }) => !before.has(key) && may(schema, table));
  const most = MOST_RANGES - [...cuts.values()].reduce((sum, { ranges }) => sum + ranges.length, 0);
  const counts = rangeCounts(free.map(({ key, table }) => ({ key, bytes: table.dataBytes })), { ...plan, total, most });
  for (const { schema, table, key } of free) {
    const count = counts.get(key);
    const column = count === undefined ? null : await firstKeyColumn(connection, schema, table.name);
    if (count === undefined || column === null) continue;
    const ranges = rangesBetween(evenCuts(await intervalsOf(connection, schema, table.name, column, count), count));
    if (ranges.length > 1) cuts.set(key, uncounted(column, ranges));
  }
  return withTables(inventory, (schema, table) => {
    const cut = cuts.get(tableKey(schema, table.name));
    return cut ? { ...table, cut } : table;
  });
}

function uncounted(column: string, ranges: readonly KeyRange[]): TableCut {
  return { column, ranges: ranges.map(({ from, to }) => ({ from, to, rows: 0, stream: null })) };
}

/** The first column of the primary key where it is an integer. */
async function firstKeyColumn(connection: Connection, schema: string, table: string): Promise<string | null> {
  const path = quotePath(schema, table);
  const [key] = await textRows(connection, `SHOW KEYS FROM ${path} WHERE Key_name = 'PRIMARY' AND Seq_in_index = 1`);
  const name = key?.[4];
  if (!name) return null;
  const column = (await textRows(connection, `SHOW COLUMNS FROM ${path}`)).find(([field]) => field === name);
  return column && INTEGER.test(column[1] ?? "") ? name : null;
}

async function intervalsOf(connection: Connection, schema: string, table: string, column: string, count: number): Promise<KeyInterval[]> {
  const [path, name] = [quotePath(schema, table), quoteName(column)];
  // As text: a number of the driver's may not hold it.
  const [bounds] = await textRows(connection, `SELECT CAST(MIN(${name}) AS CHAR), CAST(MAX(${name}) AS CHAR) FROM ${path}`);
  const [least, greatest] = bounds ?? [];
  if (!least || !greatest) return [];
  return keyIntervals({ from: BigInt(least), to: BigInt(greatest) + 1n }, count, async ({ from, to }) => {
    const condition = rangeCondition({ column, from: String(from), to: String(to) });
    const [rows] = await connection.query<RowDataPacket[]>(`EXPLAIN FORMAT=TRADITIONAL SELECT * FROM ${path} WHERE ${condition}`);
    return Number(rows[0]?.rows ?? 0);
  });
}
