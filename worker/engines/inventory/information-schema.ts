import type { Connection, RowDataPacket } from "mysql2/promise";
import type { Flavor } from "#lib/contract/names.ts";

/** One row of an information schema table: upper-case column names; what is NULL or empty is left out. */
export type CatalogRow = Readonly<Record<string, string>>;

/** Reads the information schema in bulk, the same way whatever the server's version: columns that a server lacks are left out. */
export interface Catalog {
  readonly connection: Connection;
  readonly flavor: Flavor;
  /**
   * Rows of `information_schema.<table>` for the schemas; `schemaColumn` says which column names the schema.
   * `where` is a further condition without parameters.
   */
  rows(table: string, columns: readonly string[], schemaColumn: string, schemas: readonly string[], where?: string): Promise<CatalogRow[]>;
}

/** Learns which columns the server's information schema has. */
export async function openCatalog(connection: Connection, flavor: Flavor): Promise<Catalog> {
  const known = new Set(
    (await textRows(connection, "SELECT CONCAT(UPPER(TABLE_NAME), '.', UPPER(COLUMN_NAME)) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'information_schema'")).map(([name]) => name),
  );
  return {
    connection,
    flavor,
    async rows(table, columns, schemaColumn, schemas, where) {
      const present = columns.filter((column) => known.has(`${table}.${column}`));
      const found: CatalogRow[] = [];
      // A table that this server does not have.
      if (!present.includes(schemaColumn)) return found;
      for (const batch of batches(flavor, schemas)) {
        const names = batch.map(literal);
        const wanted = new Set(batch);
        const at = present.indexOf(schemaColumn);
        const ofSchemas = names.length === 1 ? `${schemaColumn} = ${names[0]}` : `${schemaColumn} IN (${names.join(", ")})`;
        const rows = await textRows(connection, `SELECT ${present.map((column) => `\`${column}\``).join(", ")} FROM information_schema.${table} WHERE ${ofSchemas}${where ? ` AND (${where})` : ""}`);
        // MariaDB compares names of schemas without regard to case: `nasty` also gives what is in `Nasty`.
        for (const values of rows) if (wanted.has(values[at] ?? "")) found.push(named(present, values));
      }
      return found;
    },
  };
}

/** All values of a result as text, NULL as null; rows in the server's order. */
export async function textRows(connection: Connection, sql: string): Promise<(string | null)[][]> {
  const [rows] = await connection.query<RowDataPacket[][]>({ sql, rowsAsArray: true });
  return rows.map((row) => row.map((value: unknown) => (value === null || value === undefined ? null : asText(value))));
}

/** A text as literal that keeps a literal's weak collation and needs no escaping in any sql_mode. */
export function literal(text: string): string {
  return text === "" ? "''" : `_utf8mb4 X'${Buffer.from(text, "utf8").toString("hex")}'`;
}

function asText(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString("utf8") : String(value);
}

function named(columns: readonly string[], values: readonly (string | null)[]): CatalogRow {
  const row: Record<string, string> = {};
  columns.forEach((column, index) => {
    const value = values[index];
    if (value !== null && value !== undefined && value !== "") row[column] = value;
  });
  return row;
}

/** MariaDB opens one schema's folder for `= 'x'` and every schema's for anything else; MySQL reads its dictionary by index either way. */
function batches(flavor: Flavor, schemas: readonly string[]): string[][] {
  const size = flavor === "mariadb" ? 1 : 100;
  const cut: string[][] = [];
  for (let from = 0; from < schemas.length; from += size) cut.push(schemas.slice(from, from + size));
  return cut;
}
