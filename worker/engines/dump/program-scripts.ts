import { quoteName, quotePath } from "#lib/domain/backup/sql-name.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { type Catalog, literal } from "#worker/engines/inventory/information-schema.ts";
import { showCreate } from "./show-create.ts";
import { framed, plainWord, sessionLine } from "./statement-frame.ts";

/**
 * Definitions written by ourselves from SHOW CREATE, not by the dump programs: those never end at an event that holds `;;`, lose objects of schemas
 * with quotes in their names, and order views so that some cannot be created. Bodies are taken as the bytes that were sent when they were
 * created, and given with the session settings of that moment. Each piece is complete statements.
 */
export type Script = AsyncGenerator<Buffer>;

export interface ScriptSchema {
  readonly name: string;
  /** Its default collation now. */
  readonly collation: string;
}

/** Procedures, functions, MariaDB packages and MySQL libraries of a schema. Fault DUMP_INCOMPLETE when a text is not shown to this account. */
export async function* routineScript(catalog: Catalog, schema: ScriptSchema): Script {
  for (const [type, name] of await routinesOf(catalog, schema.name)) {
    const row = await showCreate(catalog.connection, `${type} ${quotePath(schema.name, name)}`);
    yield* asCreated(row, `Create ${titleCase(type)}`, schema, name, `DROP ${type} IF EXISTS ${quoteName(name)};\n`);
  }
}

/** `[type, name]` of everything that routineScript writes, in its order: what others are built from first. */
export async function routinesOf(catalog: Catalog, schema: string): Promise<[type: string, name: string][]> {
  const libraries = await catalog.rows("LIBRARIES", ["LIBRARY_SCHEMA", "LIBRARY_NAME"], "LIBRARY_SCHEMA", [schema]);
  const routines = await catalog.rows("ROUTINES", ["ROUTINE_SCHEMA", "ROUTINE_TYPE", "ROUTINE_NAME"], "ROUTINE_SCHEMA", [schema]);
  const all = [...libraries.map((row) => ["LIBRARY", row.LIBRARY_NAME ?? ""]), ...routines.map((row) => [row.ROUTINE_TYPE ?? "", row.ROUTINE_NAME ?? ""])] as [string, string][];
  const known = all.filter(([type]) => KINDS.includes(type));
  return known.sort(([a, x], [b, y]) => KINDS.indexOf(a) - KINDS.indexOf(b) || (x < y ? -1 : 1));
}

/** The triggers of a schema in the order in which they fire, which their texts do not tell. */
export async function* triggerScript(catalog: Catalog, schema: ScriptSchema): Script {
  for (const { name } of await triggersOf(catalog, schema.name)) yield* oneTrigger(catalog, schema, name);
}

/** Name and table of each trigger of a schema, in that order. */
export async function triggersOf(catalog: Catalog, schema: string): Promise<{ name: string; table: string }[]> {
  const columns = ["TRIGGER_SCHEMA", "TRIGGER_NAME", "EVENT_OBJECT_TABLE", "EVENT_MANIPULATION", "ACTION_TIMING", "ACTION_ORDER"];
  const rows = await catalog.rows("TRIGGERS", columns, "TRIGGER_SCHEMA", [schema]);
  const key = (row: (typeof rows)[number]): string => [row.EVENT_OBJECT_TABLE, row.EVENT_MANIPULATION, row.ACTION_TIMING].join("\0");
  const ordered = [...rows].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : Number(a.ACTION_ORDER) - Number(b.ACTION_ORDER)));
  return ordered.map(({ TRIGGER_NAME: name = "", EVENT_OBJECT_TABLE: table = "" }) => ({ name, table }));
}

/** One trigger with the session that it was made in. */
export async function* oneTrigger(catalog: Catalog, schema: ScriptSchema, name: string): Script {
  const row = await showCreate(catalog.connection, `TRIGGER ${quotePath(schema.name, name)}`);
  yield* asCreated(row, "SQL Original Statement", schema, name, "");
}

/** The events of a schema, each in its own time zone. */
export async function* eventScript(catalog: Catalog, schema: ScriptSchema): Script {
  const rows = await catalog.rows("EVENTS", ["EVENT_SCHEMA", "EVENT_NAME"], "EVENT_SCHEMA", [schema.name]);
  for (const name of rows.map((row) => row.EVENT_NAME ?? "").sort()) {
    const row = await showCreate(catalog.connection, `EVENT ${quotePath(schema.name, name)}`);
    const zone = `SET SESSION time_zone = ${literal(row.get("time_zone")?.toString() ?? "SYSTEM")};\n`;
    yield* asCreated(row, "Create Event", schema, name, `${zone}DROP EVENT IF EXISTS ${quoteName(name)};\n`);
  }
}

const KINDS = ["LIBRARY", "PACKAGE", "PACKAGE BODY", "FUNCTION", "PROCEDURE"];

/** Default collation of the schema that the body was created under: where it is not the present one, it is set for the moment. */
async function* asCreated(row: ReadonlyMap<string, Buffer | null>, column: string, schema: ScriptSchema, name: string, before: string): Script {
  const text = row.get(column);
  if (!text) throw new Fault("DUMP_INCOMPLETE", { params: { missing: `${schema.name}.${name}` } });
  const said = (key: string, otherwise: string): string => row.get(key)?.toString() ?? otherwise;
  const collation = said("Database Collation", schema.collation);
  const turned = collation !== schema.collation;
  if (turned) yield Buffer.from(`ALTER DATABASE COLLATE ${plainWord(collation)};\n`);
  // The session first: MariaDB knows packages only under sql_mode ORACLE.
  yield Buffer.from(sessionLine(said("sql_mode", ""), said("character_set_client", "utf8mb4"), said("collation_connection", "utf8mb4_general_ci")) + before);
  yield framed(text);
  if (turned) yield Buffer.from(`ALTER DATABASE COLLATE ${plainWord(schema.collation)};\n`);
}

function titleCase(text: string): string {
  return text.toLowerCase().replace(/\b\w/g, (letter) => letter.toUpperCase());
}
