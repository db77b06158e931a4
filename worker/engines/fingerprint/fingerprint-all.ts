import type { Connection } from "mysql2/promise";
import type { Inventory, TableEntry } from "#lib/contract/manifest/manifest.ts";
import type { Flavor } from "#lib/contract/names.ts";
import { inCanonicalSession } from "../inventory/canonical-session.ts";
import { rangeConditions, type TableWalk, withCounts } from "../inventory/count-rows.ts";
import { onConnections, type Task, tableKey, withTables } from "../inventory/on-connections.ts";
import { versionedTables } from "../inventory/versioned-tables.ts";
import { type ColumnFacts, readColumns } from "./columns.ts";
import { runScan } from "./fingerprint-table.ts";
import { keyRanges } from "./ranges.ts";
import { combine, type Scan, type ScanResult } from "./scan.ts";

/** A table larger than this is hashed in ranges, so that one large table keeps all connections busy. */
const RANGE_FROM_BYTES = 64 * 1024 * 1024;

/**
 * The inventory with `fingerprint` and `rows` of every table, from one reading of each. Every connection must stand in the same
 * snapshot, or on a server that nobody writes to. `without`: a schema whose tables are counted only (heartbeats). Faults: FINGERPRINT_FAILED, CANCELLED.
 */
export async function fingerprintAll(connections: readonly Connection[], inventory: Inventory, options: TableWalk & { readonly flavor: Flavor; readonly without?: string | null | undefined }): Promise<Inventory> {
  const [first] = connections;
  if (!first) throw new RangeError("fingerprintAll needs a connection");
  return inEverySession(connections, async () => {
    const schemas = inventory.schemas.map(({ name }) => name);
    const columns = await readColumns(first, options.flavor, schemas);
    const versioned = await versionedTables(first, schemas);
    /** Of each table, its parts in their order. */
    const results = new Map<string, ScanResult[]>();
    const total = inventory.schemas.reduce((sum, { tables }) => sum + tables.length, 0);
    const tasks: Task[] = [];
    let done = 0;
    for (const { name: schema, tables } of inventory.schemas) {
      for (const table of tables) {
        const key = tableKey(schema, table.name);
        const scan: Scan = { schema, table: table.name, flavor: options.flavor, columns: columns.get(key) ?? [], versioned: versioned.has(key) };
        const parts: ScanResult[] = [];
        results.set(key, parts);
        const ranges = await rangesOf(first, schema, table, scan.columns, connections.length);
        let left = ranges.length;
        for (const [index, range] of ranges.entries()) {
          const run = async (connection: Connection): Promise<void> => {
            parts[index] = await runScan(connection, range === null ? scan : { ...scan, range });
            left -= 1;
            if (left === 0) options.onProgress?.({ done: ++done, total, schema, table: table.name });
          };
          tasks.push({ cost: table.dataBytes / ranges.length, run });
        }
      }
    }
    await onConnections(connections, tasks, options);
    return withTables(inventory, (schema, table) => {
      const parts = results.get(tableKey(schema, table.name)) ?? [];
      const fingerprint = schema === options.without ? null : combine(parts);
      return { ...withCounts(table, parts.map(({ rows }) => rows)), fingerprint };
    });
  });
}

async function rangesOf(connection: Connection, schema: string, table: TableEntry, columns: readonly ColumnFacts[], streams: number): Promise<(string | null)[]> {
  // Counted as it is dumped.
  if (table.cut) return rangeConditions(table.cut);
  if (table.dataBytes < RANGE_FROM_BYTES || streams === 1) return [null];
  return (await keyRanges(connection, schema, table.name, columns, streams * 4)) ?? [null];
}

function inEverySession<T>(connections: readonly Connection[], work: () => Promise<T>): Promise<T> {
  return connections.reduceRight((inner, connection) => () => inCanonicalSession(connection, inner), work)();
}
