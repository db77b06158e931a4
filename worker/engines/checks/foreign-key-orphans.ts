import type { Connection } from "mysql2/promise";
import type { Difference } from "#lib/contract/manifest/verification.ts";
import { quoteName, quotePath } from "#lib/domain/backup/sql-name.ts";
import { groupBy } from "../inventory/definition-hash.ts";
import { literal, textRows } from "../inventory/information-schema.ts";
import type { CheckOutcome } from "./check-outcome.ts";

interface KeyPart {
  readonly name: string;
  readonly table: string;
  readonly column: string;
  readonly parentSchema: string;
  readonly parentTable: string;
  readonly parentColumn: string;
}

/** Rows that point to a parent which is not there: a load with foreign_key_checks off lets them in. One count per foreign key. */
export async function foreignKeyOrphans(connection: Connection, schema: string): Promise<CheckOutcome> {
  const rows = await textRows(
    connection,
    `SELECT CONSTRAINT_NAME, TABLE_NAME, COLUMN_NAME, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME
       FROM information_schema.KEY_COLUMN_USAGE
      WHERE TABLE_SCHEMA = ${literal(schema)} AND REFERENCED_TABLE_NAME IS NOT NULL
      ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION`,
  );
  const parts = rows.map(([name, table, column, parentSchema, parentTable, parentColumn]): KeyPart => ({
    name: name ?? "", table: table ?? "", column: column ?? "", parentSchema: parentSchema ?? "", parentTable: parentTable ?? "", parentColumn: parentColumn ?? "",
  }));
  const keys = [...groupBy(parts, ({ table, name }) => `${table}\0${name}`).values()];
  const differences: Difference[] = [];
  for (const key of keys) {
    const [row] = await textRows(connection, orphanCount(schema, key));
    const [first] = key;
    if (first && row?.[0] !== "0") differences.push({ kind: "foreign-key", object: `${schema}.${first.table}.${first.name}`, expected: "0 orphans", found: `${row?.[0]} orphans` });
  }
  return { checked: keys.length, differences };
}

/** MATCH SIMPLE: a row with a NULL in any part of the key points to nothing and is no orphan. */
function orphanCount(schema: string, key: readonly KeyPart[]): string {
  const [first] = key;
  const child = quotePath(schema, first?.table ?? "");
  const parent = quotePath(first?.parentSchema ?? "", first?.parentTable ?? "");
  const set = key.map(({ column }) => `c.${quoteName(column)} IS NOT NULL`).join(" AND ");
  const same = key.map(({ column, parentColumn }) => `p.${quoteName(parentColumn)} = c.${quoteName(column)}`).join(" AND ");
  return `SELECT COUNT(*) FROM ${child} c WHERE ${set} AND NOT EXISTS (SELECT 1 FROM ${parent} p WHERE ${same})`;
}
