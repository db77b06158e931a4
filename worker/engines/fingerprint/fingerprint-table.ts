import type { Connection } from "mysql2/promise";
import type { TableFingerprint } from "#lib/contract/manifest/manifest.ts";
import type { Flavor } from "#lib/contract/names.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { inCanonicalSession } from "../inventory/canonical-session.ts";
import { textRows } from "../inventory/information-schema.ts";
import { tableKey } from "../inventory/on-connections.ts";
import { versionedTables } from "../inventory/versioned-tables.ts";
import { readColumns } from "./columns.ts";
import { combine, type Scan, type ScanResult, scanResult, scanSql } from "./scan.ts";

/**
 * SHA-256 fingerprint of all rows of a table, whatever their order: equal on two servers of one flavor when the rows are.
 * A changed value, a lost, doubled or swapped row changes it.
 */
export async function fingerprintTable(connection: Connection, schema: string, table: string, flavor: Flavor): Promise<TableFingerprint> {
  return inCanonicalSession(connection, async () => {
    const columns = await readColumns(connection, flavor, [schema], table);
    const versioned = (await versionedTables(connection, [schema])).has(tableKey(schema, table));
    return combine([await runScan(connection, { schema, table, flavor, versioned, columns: columns.get(tableKey(schema, table)) ?? [] })]);
  });
}

/** Runs one scan in a session that inCanonicalSession has set. Fault FINGERPRINT_FAILED when the server could not hash every row. */
export async function runScan(connection: Connection, scan: Scan): Promise<ScanResult> {
  const [values] = await textRows(connection, scanSql(scan));
  // A function whose result passes max_allowed_packet gives NULL and a warning, and an aggregate skips NULL.
  const warnings = await textRows(connection, "SHOW WARNINGS");
  const cut = warnings.find(([, code]) => code === "1301");
  if (!values || cut) throw new Fault("FINGERPRINT_FAILED", { params: { table: `${scan.schema}.${scan.table}`, message: cut?.[2] ?? "no result" } });
  return scanResult(scan, values);
}
