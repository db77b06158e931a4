import type { Connection, RowDataPacket } from "mysql2/promise";
import type { Flavor } from "#lib/contract/names.ts";
import { quotePath } from "#lib/domain/backup/sql-name.ts";
import { brokenBecause, unreadableBecause } from "../inventory/views.ts";
import { type Catalog, type CatalogRow, textRows } from "../inventory/information-schema.ts";
import { type Finding, finding, someOf } from "./finding.ts";

/** Without a key a table is read whole to find a row again: of one that is larger, replaying changes may take hours. */
const QUICKLY_READ_BYTES = 64 * 1024 * 1024;

/** What in the schemas a backup cannot hold, or holds only in part; and how large they are. `asSql`: their rows are to be dumped. */
export async function contentFindings(catalog: Catalog, schemas: readonly string[], asSql: boolean): Promise<{ findings: Finding[]; dataBytes: number }> {
  const tables = await catalog.rows("TABLES", ["TABLE_SCHEMA", "TABLE_NAME", "TABLE_TYPE", "ENGINE", "DATA_LENGTH", "INDEX_LENGTH"], "TABLE_SCHEMA", schemas, "TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'VIEW')");
  const base = tables.filter((table) => table.TABLE_TYPE !== "VIEW");
  return {
    findings: [
      ...(await hiddenFindings(catalog, schemas)),
      ...(await brokenViews(catalog.connection, tables)),
      ...engineFindings(base),
      ...(await columnFindings(catalog, schemas, base)),
      ...(asSql ? await onlyGenerated(catalog, schemas) : []),
      ...(await placeFindings(catalog.connection, catalog.flavor, schemas)),
      ...(await eventFindings(catalog, schemas)),
    ],
    dataBytes: base.reduce((sum, table) => sum + Number(table.DATA_LENGTH ?? 0) + Number(table.INDEX_LENGTH ?? 0), 0),
  };
}

/** Objects whose row the account sees but whose text it does not: a dump would write them without a body, or leave them out. */
async function hiddenFindings(catalog: Catalog, schemas: readonly string[]): Promise<Finding[]> {
  const kinds: [kind: string, table: string, schemaColumn: string, textColumn: string][] = [
    ["routines", "ROUTINES", "ROUTINE_SCHEMA", "ROUTINE_DEFINITION"],
    ["triggers", "TRIGGERS", "TRIGGER_SCHEMA", "ACTION_STATEMENT"],
    ["events", "EVENTS", "EVENT_SCHEMA", "EVENT_DEFINITION"],
    ["views", "VIEWS", "TABLE_SCHEMA", "VIEW_DEFINITION"],
  ];
  const findings: Finding[] = [];
  for (const [kind, table, schemaColumn, textColumn] of kinds) {
    const rows = await catalog.rows(table, [schemaColumn], schemaColumn, schemas, `${textColumn} IS NULL OR ${textColumn} = ''`);
    for (const schema of new Set(rows.map((row) => row[schemaColumn] ?? ""))) findings.push(finding("error", "SERVER_OBJECTS_HIDDEN", { kind, schema }));
  }
  return findings;
}

async function brokenViews(connection: Connection, tables: readonly CatalogRow[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { TABLE_SCHEMA: schema = "", TABLE_NAME: name = "", TABLE_TYPE: type } of tables) {
    const message = type === "VIEW" ? ((await brokenBecause(connection, schema, name)) ?? (await unreadableBecause(connection, schema, name))) : null;
    if (message !== null) findings.push(finding("warning", "SERVER_VIEW_BROKEN", { view: `${schema}.${name}`, message }));
  }
  return findings;
}

function engineFindings(tables: readonly CatalogRow[]): Finding[] {
  const others = tables.filter((table) => table.ENGINE !== undefined && table.ENGINE !== "InnoDB").map((table) => `${path(table)} (${table.ENGINE})`);
  return others.length === 0 ? [] : [finding("warning", "SERVER_NON_TRANSACTIONAL", { count: others.length, tables: someOf(others) })];
}

async function columnFindings(catalog: Catalog, schemas: readonly string[], tables: readonly CatalogRow[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  const types = catalog.flavor === "mysql" ? "'float', 'json'" : "'float'";
  const isTable = new Set(tables.map(path));
  const columns = (await catalog.rows("COLUMNS", ["TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME", "DATA_TYPE"], "TABLE_SCHEMA", schemas, `DATA_TYPE IN (${types})`)).filter((column) => isTable.has(path(column)));
  const named = (type: string): string[] => columns.filter((column) => column.DATA_TYPE === type).map((column) => `${path(column)}.${column.COLUMN_NAME}`);
  const [floats, documents] = [named("float"), named("json")];
  if (floats.length > 0) findings.push(finding("warning", "SERVER_LOSSY_COLUMNS", { count: floats.length, columns: someOf(floats) }));
  if (documents.length > 0) findings.push(finding("info", "SERVER_JSON_COLUMNS", { count: documents.length, columns: someOf(documents) }));
  const keyed = new Set((await catalog.rows("STATISTICS", ["TABLE_SCHEMA", "TABLE_NAME"], "TABLE_SCHEMA", schemas, "INDEX_NAME = 'PRIMARY' AND SEQ_IN_INDEX = 1")).map(path));
  const rounded = new Set(columns.filter((column) => column.DATA_TYPE === "float").map(path));
  const keyless = tables.filter((table) => !keyed.has(path(table)));
  const troubles = (table: CatalogRow): boolean => rounded.has(path(table)) || Number(table.DATA_LENGTH ?? 0) > QUICKLY_READ_BYTES;
  return [...findings, ...keyFindings("warning", keyless.filter(troubles)), ...keyFindings("info", keyless.filter((table) => !troubles(table)))];
}

function keyFindings(severity: Finding["severity"], tables: readonly CatalogRow[]): Finding[] {
  return tables.length === 0 ? [] : [finding(severity, "SERVER_NO_PRIMARY_KEY", { count: tables.length, tables: someOf(tables.map(path)) })];
}

/** MySQL's dump program writes nothing for a row without ordinary columns, not even its parentheses. */
async function onlyGenerated({ connection, flavor }: Catalog, schemas: readonly string[]): Promise<Finding[]> {
  if (flavor !== "mysql" || schemas.length === 0) return [];
  const [tables] = await connection.query<RowDataPacket[]>({
    sql: "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA IN (?) GROUP BY 1, 2 HAVING SUM(GENERATION_EXPRESSION = '') = 0",
    rowsAsArray: true,
  }, [schemas]);
  const filled: string[] = [];
  for (const [schema, name] of tables as unknown as string[][]) {
    if ((await textRows(connection, `SELECT 1 FROM ${quotePath(schema ?? "", name ?? "")} LIMIT 1`)).length > 0) filled.push(`${schema}.${name}`);
  }
  return filled.length === 0 ? [] : [finding("error", "SERVER_ONLY_GENERATED", { count: filled.length, tables: someOf(filled) })];
}

/** DATA DIRECTORY and general tablespaces. Seen only with PROCESS (MySQL); MariaDB names them in the create options. */
async function placeFindings(connection: Connection, flavor: Flavor, schemas: readonly string[]): Promise<Finding[]> {
  const wanted = new Set(schemas);
  const sql = flavor === "mysql"
    ? "SELECT NAME FROM information_schema.INNODB_TABLESPACES_BRIEF WHERE SPACE_TYPE = 'General' OR PATH LIKE '/%'"
    : "SELECT CONCAT(TABLE_SCHEMA, '/', TABLE_NAME) FROM information_schema.TABLES WHERE CREATE_OPTIONS LIKE '%DATA DIRECTORY%'";
  const rows = await textRows(connection, sql).catch(() => []);
  const names = rows.map(([name]) => name ?? "").filter((name) => !name.includes("/") || wanted.has(name.split("/")[0] ?? ""));
  return names.length === 0 ? [] : [finding("info", "SERVER_FILES_ELSEWHERE", { count: names.length, tables: someOf(names.map((name) => name.replace("/", "."))) })];
}

async function eventFindings(catalog: Catalog, schemas: readonly string[]): Promise<Finding[]> {
  const events = await catalog.rows("EVENTS", ["EVENT_SCHEMA", "EVENT_NAME"], "EVENT_SCHEMA", schemas, "STATUS = 'ENABLED'");
  return events.length === 0 ? [] : [finding("info", "SERVER_EVENTS_RUN", { count: events.length })];
}

function path(row: CatalogRow): string {
  return `${row.TABLE_SCHEMA}.${row.TABLE_NAME}`;
}
