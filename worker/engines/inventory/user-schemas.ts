import type { Connection } from "mysql2/promise";
import { textRows } from "./information-schema.ts";

/** Schemas that belong to the server itself. */
const SYSTEM_SCHEMAS = new Set(["mysql", "information_schema", "performance_schema", "sys", "ndbinfo"]);

/** A schema of the server, which a backup leaves out; also a foreign folder in the data directory (`#mysql50#lost+found`). */
export function isSystemSchema(name: string): boolean {
  return SYSTEM_SCHEMAS.has(name.toLowerCase()) || name.startsWith("#mysql50#");
}

export interface SchemaRow {
  readonly name: string;
  readonly characterSet: string;
  readonly collation: string;
}

/** The user schemas that exist, sorted; with `only`, those of them that are named there. */
export async function userSchemas(connection: Connection, only: readonly string[] | null): Promise<SchemaRow[]> {
  const rows = await textRows(connection, "SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA");
  return rows
    .map(([name, characterSet, collation]) => ({ name: name ?? "", characterSet: characterSet ?? "", collation: collation ?? "" }))
    .filter(({ name }) => (only ? only.includes(name) : !isSystemSchema(name)))
    .sort((a, b) => byName(a, b));
}

/** Order of everything in an inventory: by UTF-16 code unit, the same on every machine. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
