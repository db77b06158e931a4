import type { Connection } from "mysql2/promise";
import type { Flavor } from "#lib/contract/names.ts";
import { groupBy } from "../inventory/definition-hash.ts";
import { type CatalogRow, literal, openCatalog } from "../inventory/information-schema.ts";
import { tableKey } from "../inventory/on-connections.ts";

/** A stored column as a fingerprint needs it. */
export interface ColumnFacts {
  readonly name: string;
  /** Lower case, without length or attributes: `int`, `varchar`, `json` … */
  readonly type: string;
  readonly nullable: boolean;
  /** Null for what is not text. */
  readonly collation: string | null;
  /** Part of the primary key (or of the unique key that stands for it): no two rows are equal. */
  readonly key: boolean;
}

/** Stored columns of the tables by `tableKey`, in table order; generated ones are left out: they follow from the others. */
export async function readColumns(connection: Connection, flavor: Flavor, schemas: readonly string[], table?: string): Promise<Map<string, ColumnFacts[]>> {
  const catalog = await openCatalog(connection, flavor);
  const wanted = ["TABLE_SCHEMA", "TABLE_NAME", "ORDINAL_POSITION", "COLUMN_NAME", "DATA_TYPE", "IS_NULLABLE", "COLLATION_NAME", "EXTRA", "COLUMN_KEY"];
  const rows = await catalog.rows("COLUMNS", wanted, "TABLE_SCHEMA", schemas, table === undefined ? undefined : `TABLE_NAME = ${literal(table)}`);
  const byTable = new Map<string, ColumnFacts[]>();
  for (const [key, group] of groupBy(rows, (row) => tableKey(row.TABLE_SCHEMA ?? "", row.TABLE_NAME ?? ""))) {
    const ordered = [...group].sort((a, b) => Number(a.ORDINAL_POSITION) - Number(b.ORDINAL_POSITION));
    byTable.set(key, ordered.filter((row) => !isGenerated(row)).map(facts));
  }
  return byTable;
}

function facts(row: CatalogRow): ColumnFacts {
  return { name: row.COLUMN_NAME ?? "", type: (row.DATA_TYPE ?? "").toLowerCase(), nullable: row.IS_NULLABLE === "YES", collation: row.COLLATION_NAME ?? null, key: row.COLUMN_KEY === "PRI" };
}

/** `DEFAULT_GENERATED` is a default that is an expression, no generated column. */
function isGenerated(row: CatalogRow): boolean {
  return /\b(?:VIRTUAL|STORED|PERSISTENT) GENERATED\b/i.test(row.EXTRA ?? "");
}
