import type { Connection } from "mysql2/promise";
import type { ObjectEntry } from "#lib/contract/manifest/manifest.ts";
import { quotePath } from "#lib/domain/backup/sql-name.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { definitionHash, without } from "./definition-hash.ts";
import { type Catalog, type CatalogRow, textRows } from "./information-schema.ts";
import { byName } from "./user-schemas.ts";

const CREATED_UNDER = ["DEFINER", "SQL_MODE", "CHARACTER_SET_CLIENT", "COLLATION_CONNECTION", "DATABASE_COLLATION"];
const ROUTINE = ["ROUTINE_SCHEMA", "ROUTINE_TYPE", "ROUTINE_NAME", "SPECIFIC_NAME", "DTD_IDENTIFIER", "ROUTINE_DEFINITION", "EXTERNAL_LANGUAGE", "IS_DETERMINISTIC", "SQL_DATA_ACCESS", "SECURITY_TYPE", "ROUTINE_COMMENT", ...CREATED_UNDER];
const TRIGGER = ["TRIGGER_SCHEMA", "TRIGGER_NAME", "EVENT_OBJECT_TABLE", "EVENT_MANIPULATION", "ACTION_TIMING", "ACTION_ORDER", "ACTION_STATEMENT", ...CREATED_UNDER];
const EVENT = ["EVENT_SCHEMA", "EVENT_NAME", "TIME_ZONE", "EVENT_BODY", "EVENT_DEFINITION", "EVENT_TYPE", "EXECUTE_AT", "INTERVAL_VALUE", "INTERVAL_FIELD", "STARTS", "ENDS", "STATUS", "ON_COMPLETION", "EVENT_COMMENT", ...CREATED_UNDER];

export interface StoredPrograms {
  procedures: ObjectEntry[];
  functions: ObjectEntry[];
  triggers: ObjectEntry[];
  events: ObjectEntry[];
}

/**
 * Routines, triggers and events by schema.
 * @throws Fault SERVER_OBJECTS_HIDDEN when the account sees that an object is there but not its text
 */
export async function readStoredPrograms(catalog: Catalog, schemas: readonly string[]): Promise<Map<string, StoredPrograms>> {
  const bySchema = new Map<string, StoredPrograms>(schemas.map((schema) => [schema, { procedures: [], functions: [], triggers: [], events: [] }]));
  await readRoutines(catalog, schemas, bySchema);
  for (const row of await catalog.rows("TRIGGERS", TRIGGER, "TRIGGER_SCHEMA", schemas)) {
    shown(row.ACTION_STATEMENT, "triggers", row.TRIGGER_SCHEMA);
    bySchema.get(row.TRIGGER_SCHEMA ?? "")?.triggers.push({ name: row.TRIGGER_NAME ?? "", definition: definitionHash(without(row, ["TRIGGER_SCHEMA"])), table: row.EVENT_OBJECT_TABLE ?? "" });
  }
  for (const row of await catalog.rows("EVENTS", EVENT, "EVENT_SCHEMA", schemas)) {
    shown(row.EVENT_DEFINITION, "events", row.EVENT_SCHEMA);
    bySchema.get(row.EVENT_SCHEMA ?? "")?.events.push(eventEntry(row));
  }
  for (const programs of bySchema.values()) for (const list of Object.values(programs)) list.sort(byName);
  return bySchema;
}

/** Parameters come from SHOW CREATE: PARAMETERS keeps the collations of the moment of creation, which a routine made anew from its own text need not have. */
async function readRoutines(catalog: Catalog, schemas: readonly string[], into: Map<string, StoredPrograms>): Promise<void> {
  for (const row of await catalog.rows("ROUTINES", ROUTINE, "ROUTINE_SCHEMA", schemas)) {
    const { ROUTINE_SCHEMA: schema = "", ROUTINE_NAME: name = "", ROUTINE_TYPE: type = "" } = row;
    const text = await shownText(catalog.connection, type, schema, name);
    const entry: ObjectEntry = { name: BARE_TYPES.has(type) ? name : `${type.toLowerCase()} ${name}`, definition: definitionHash({ ...without(row, ["ROUTINE_SCHEMA", "SPECIFIC_NAME"]), text }) };
    into.get(schema)?.[type === "FUNCTION" ? "functions" : "procedures"].push(entry);
  }
  for (const { LIBRARY_SCHEMA: schema = "", LIBRARY_NAME: name = "" } of await catalog.rows("LIBRARIES", ["LIBRARY_SCHEMA", "LIBRARY_NAME"], "LIBRARY_SCHEMA", schemas)) {
    into.get(schema)?.procedures.push({ name: `library ${name}`, definition: definitionHash(await shownText(catalog.connection, "LIBRARY", schema, name)) });
  }
}

/** MariaDB's packages and MySQL's libraries stand among the procedures, their kind before their name. */
const BARE_TYPES = new Set(["PROCEDURE", "FUNCTION"]);

async function shownText(connection: Connection, type: string, schema: string, name: string): Promise<string> {
  const [row] = await textRows(connection, `SHOW CREATE ${type} ${quotePath(schema, name)}`);
  const text = row?.[2];
  shown(text ?? undefined, "routines", schema);
  return text ?? "";
}

/**
 * An event whose last instant may pass between backup and restore loses its status there, or is dropped by the server at once:
 * its status is no part of the definition, and `expires` says when that happens.
 */
function eventEntry(row: CatalogRow): ObjectEntry {
  const last = row.EXECUTE_AT ?? row.ENDS;
  const definition = definitionHash(without(row, ["EVENT_SCHEMA", ...(last ? ["STATUS"] : [])]));
  return { name: row.EVENT_NAME ?? "", definition, ...(last ? { expires: last } : {}) };
}

function shown(text: string | undefined, kind: string, schema: string | undefined): void {
  if (text === undefined) throw new Fault("SERVER_OBJECTS_HIDDEN", { params: { kind, schema: schema ?? "" } });
}
