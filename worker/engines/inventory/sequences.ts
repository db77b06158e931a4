import type { ObjectEntry } from "#lib/contract/manifest/manifest.ts";
import { quoteName, quotePath } from "#lib/domain/backup/sql-name.ts";
import { definitionHash } from "./definition-hash.ts";
import { type Catalog, textRows } from "./information-schema.ts";
import { byName } from "./user-schemas.ts";

/** MariaDB's sequences by schema: their definition, not the value they stand at, which moves without transactions. */
export async function readSequences(catalog: Catalog, schemas: readonly string[]): Promise<Map<string, ObjectEntry[]>> {
  const bySchema = new Map<string, ObjectEntry[]>();
  if (catalog.flavor !== "mariadb") return bySchema;
  for (const { TABLE_SCHEMA: schema = "", TABLE_NAME: name = "" } of await catalog.rows("TABLES", ["TABLE_SCHEMA", "TABLE_NAME"], "TABLE_SCHEMA", schemas, "TABLE_TYPE = 'SEQUENCE'")) {
    const [row] = await textRows(catalog.connection, `SHOW CREATE SEQUENCE ${quotePath(schema, name)}`);
    const entry: ObjectEntry = { name, definition: definitionHash((row?.[1] ?? "").replaceAll(`${quoteName(schema)}.`, "")) };
    bySchema.set(schema, [...(bySchema.get(schema) ?? []), entry].sort(byName));
  }
  return bySchema;
}
