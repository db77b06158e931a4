import type { Connection } from "mysql2/promise";
import type { ObjectEntry } from "#lib/contract/manifest/manifest.ts";
import { quoteName, quotePath } from "#lib/domain/backup/sql-name.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { definitionHash } from "./definition-hash.ts";
import { type Catalog, literal, textRows } from "./information-schema.ts";
import { byName } from "./user-schemas.ts";

/** The views of the schemas, with what the server says of those it cannot read. */
export async function readViews(catalog: Catalog, schemas: readonly string[]): Promise<Map<string, ObjectEntry[]>> {
  const bySchema = new Map<string, ObjectEntry[]>(schemas.map((schema) => [schema, []]));
  for (const { TABLE_SCHEMA: schema = "", TABLE_NAME: name = "" } of await catalog.rows("TABLES", ["TABLE_SCHEMA", "TABLE_NAME"], "TABLE_SCHEMA", schemas, "TABLE_TYPE = 'VIEW'")) {
    const broken = await brokenBecause(catalog.connection, schema, name);
    const unreadable = broken === null ? await unreadableBecause(catalog.connection, schema, name) : null;
    const definition = definitionHash(await viewDefinition(catalog.connection, schema, name));
    bySchema.get(schema)?.push({ name, definition, ...(broken === null ? {} : { broken }), ...(unreadable === null ? {} : { unreadable }) });
  }
  for (const views of bySchema.values()) views.sort(byName);
  return bySchema;
}

/** Why the view cannot be described (a table or column is gone …); null when it can. A dump program stops at such a view. */
export function brokenBecause(connection: Connection, schema: string, view: string): Promise<string | null> {
  return complaint(connection, `SHOW FIELDS FROM ${quotePath(schema, view)}`);
}

/** Why a view that can be described cannot be read: its definer is gone, or may not. The SELECT is prepared, never run: what the view computes may cost. */
export async function unreadableBecause(connection: Connection, schema: string, view: string): Promise<string | null> {
  await connection.query(`SET @salvagente_select = ${literal(`SELECT * FROM ${quotePath(schema, view)}`)}`);
  const because = await complaint(connection, "PREPARE salvagente_select FROM @salvagente_select");
  if (because === null) await connection.query("DEALLOCATE PREPARE salvagente_select");
  return because;
}

async function complaint(connection: Connection, sql: string): Promise<string | null> {
  try {
    await connection.query(sql);
    return null;
  } catch (error) {
    if (lostConnection(error)) throw error;
    return error instanceof Error ? error.message : String(error);
  }
}

/** Statement and character set of a view, its own schema left unnamed: equal after a restore under another name. */
async function viewDefinition(connection: Connection, schema: string, view: string): Promise<unknown> {
  const [row] = await textRows(connection, `SHOW CREATE VIEW ${quotePath(schema, view)}`);
  const text = row?.[1];
  if (!text) throw new Fault("SERVER_OBJECTS_HIDDEN", { params: { kind: "views", schema } });
  return { text: text.replaceAll(`${quoteName(schema)}.`, ""), characterSet: row?.[2], collation: row?.[3] };
}

function lostConnection(error: unknown): boolean {
  return error instanceof Error && "fatal" in error && error.fatal === true;
}
