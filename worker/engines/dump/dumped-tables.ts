import type { DataStream, Inventory, SchemaEntry, TableEntry } from "#lib/contract/manifest/manifest.ts";
import { pieceKey } from "#lib/domain/backup/differential.ts";
import type { SizedTable } from "#lib/domain/backup/partition.ts";
import { tableKey, withTables } from "../inventory/on-connections.ts";

/** The tables as the partition wants them, with the ranges that they are dumped in. */
export function sizedTables(schemas: readonly SchemaEntry[]): SizedTable[] {
  return schemas.flatMap((schema) => schema.tables.map(({ name, dataBytes, unsorted, cut }) => ({ schema: schema.name, name, bytes: dataBytes, unsorted, ranges: cut?.ranges.map(({ from, to }) => ({ column: cut.column, from, to })) })));
}

/** The table with the digests of its rows, or of its ranges, by `pieceKey`; null where there is none. */
export function withDigests(schema: string, table: TableEntry, digests: ReadonlyMap<string, DataStream>): TableEntry {
  const { cut } = table;
  if (!cut) return { ...table, stream: digests.get(pieceKey(schema, table.name)) ?? null };
  return { ...table, cut: { ...cut, ranges: cut.ranges.map((range) => ({ ...range, stream: digests.get(pieceKey(schema, table.name, { column: cut.column, ...range })) ?? null })) } };
}

/**
 * The found inventory, to be read as the recorded one was: its tables in the same ranges, and sorted or not. Digests of another order are others: of sets from before
 * `unsorted` was told, too. A table of another structure is told nothing; it may lack the column.
 */
export function readAs(recorded: Inventory, found: Inventory): Inventory {
  const before = new Map(recorded.schemas.flatMap((schema) => schema.tables.map((table) => [tableKey(schema.name, table.name), table] as const)));
  return withTables(found, (schema, { unsorted: _now, ...table }) => {
    const { cut, structure, unsorted } = before.get(tableKey(schema, table.name)) ?? {};
    return structure === table.structure ? { ...table, ...(cut ? { cut } : {}), ...(unsorted ? { unsorted } : {}) } : table;
  });
}
