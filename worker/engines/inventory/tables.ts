import type { TableEntry } from "#lib/contract/manifest/manifest.ts";
import { definitionHash, groupBy, without } from "./definition-hash.ts";
import { type Catalog, type CatalogRow, literal } from "./information-schema.ts";
import { unsortedOrder } from "./key-order.ts";
import { byName } from "./user-schemas.ts";

const TABLE = ["TABLE_SCHEMA", "TABLE_NAME", "TABLE_TYPE", "ENGINE", "TABLE_COLLATION", "CREATE_OPTIONS", "TABLE_COMMENT", "DATA_LENGTH", "INDEX_LENGTH"];
const COLUMN = ["TABLE_SCHEMA", "TABLE_NAME", "ORDINAL_POSITION", "COLUMN_NAME", "COLUMN_TYPE", "IS_NULLABLE", "COLUMN_DEFAULT", "CHARACTER_SET_NAME", "COLLATION_NAME", "EXTRA", "GENERATION_EXPRESSION", "SRS_ID", "COLUMN_COMMENT"];
const INDEX_PART = ["TABLE_SCHEMA", "TABLE_NAME", "INDEX_NAME", "SEQ_IN_INDEX", "NON_UNIQUE", "COLUMN_NAME", "COLLATION", "SUB_PART", "EXPRESSION", "INDEX_TYPE", "IS_VISIBLE", "IGNORED", "INDEX_COMMENT"];
const FOREIGN_KEY = ["CONSTRAINT_SCHEMA", "TABLE_NAME", "CONSTRAINT_NAME", "MATCH_OPTION", "UPDATE_RULE", "DELETE_RULE"];
const FOREIGN_KEY_PART = ["TABLE_SCHEMA", "TABLE_NAME", "CONSTRAINT_NAME", "ORDINAL_POSITION", "COLUMN_NAME", "REFERENCED_TABLE_SCHEMA", "REFERENCED_TABLE_NAME", "REFERENCED_COLUMN_NAME"];
const CHECK_NAME = ["TABLE_SCHEMA", "TABLE_NAME", "CONSTRAINT_NAME", "ENFORCED"];
const CHECK = ["CONSTRAINT_SCHEMA", "TABLE_NAME", "CONSTRAINT_NAME", "LEVEL", "CHECK_CLAUSE"];
const PARTITION = ["TABLE_SCHEMA", "TABLE_NAME", "PARTITION_NAME", "SUBPARTITION_NAME", "PARTITION_ORDINAL_POSITION", "SUBPARTITION_ORDINAL_POSITION", "PARTITION_METHOD", "SUBPARTITION_METHOD", "PARTITION_EXPRESSION", "SUBPARTITION_EXPRESSION", "PARTITION_DESCRIPTION", "PARTITION_COMMENT"];

/** Where a table's files lie is no part of what it is: a restore leaves these clauses out. */
const PLACE_OPTIONS = /\s*\b(?:DATA DIRECTORY|INDEX DIRECTORY|TABLESPACE)\s*=\s*(?:'[^']*'|`[^`]*`|\S+)/gi;

/** Tables whose columns, indexes and keys are held in memory at once: those of ten thousand are more than a worker may hold. */
const TABLES_AT_ONCE = 250;

/** The tables of the schemas by schema name, `rows` 0. One query per kind of fact and 250 tables, not per table. `originals`: as in InventoryScope. */
export async function readTables(catalog: Catalog, schemas: readonly string[], originals: Readonly<Record<string, string>> = {}): Promise<Map<string, TableEntry[]>> {
  const tables = await catalog.rows("TABLES", TABLE, "TABLE_SCHEMA", schemas, "TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')");
  const bySchema = new Map<string, TableEntry[]>(schemas.map((schema) => [schema, []]));
  for (const portion of portions(schemas, tables)) {
    const facts = await readFacts(catalog, portion, originals);
    for (const table of portion.tables) {
      const own = facts(tableKey(table));
      const unsorted = catalog.flavor === "mysql" && unsortedOrder({ table, columns: own.columns ?? [], indexes: own.indexes ?? [] });
      bySchema.get(table.TABLE_SCHEMA ?? "")?.push({
        name: table.TABLE_NAME ?? "",
        engine: table.ENGINE ?? "",
        rows: 0,
        dataBytes: Number(table.DATA_LENGTH ?? 0) + Number(table.INDEX_LENGTH ?? 0),
        structure: definitionHash({ ...options(table), ...own }),
        ...(unsorted ? { unsorted } : {}),
        stream: null,
        fingerprint: null,
      });
    }
  }
  for (const entries of bySchema.values()) entries.sort(byName);
  return bySchema;
}

function options(table: CatalogRow): Record<string, string> {
  const kept = without(table, ["TABLE_SCHEMA", "TABLE_NAME", "DATA_LENGTH", "INDEX_LENGTH"]);
  return { ...kept, CREATE_OPTIONS: withPageChecksum(table, (table.CREATE_OPTIONS ?? "").replace(PLACE_OPTIONS, "").trim()) };
}

/** Options that the server lists behind it; the last one stands there always. */
const AFTER_PAGE_CHECKSUM = /(?=\b(?:delay_key_write|row_format|key_block_size|transactional)=)/;

/** SHOW CREATE TABLE of Aria spells out what the table was made without: after a dump and its load it stands there. */
function withPageChecksum({ ENGINE }: CatalogRow, options: string): string {
  if (ENGINE !== "Aria" || /\bpage_checksum=/.test(options)) return options;
  return options.replace(AFTER_PAGE_CHECKSUM, "page_checksum=1 ");
}

/** Tables whose facts are read together: those of whole schemas, or some of one large schema. */
interface Portion {
  readonly schemas: readonly string[];
  readonly tables: readonly CatalogRow[];
  /** Condition on TABLE_NAME where the schema is not whole. */
  readonly named: string | undefined;
}

function portions(schemas: readonly string[], tables: readonly CatalogRow[]): Portion[] {
  const own = groupBy(tables, (table) => table.TABLE_SCHEMA ?? "");
  const cut: Portion[] = [];
  let small: { schemas: string[]; tables: CatalogRow[] } = { schemas: [], tables: [] };
  for (const schema of schemas) {
    const list = own.get(schema) ?? [];
    for (let from = 0; list.length > TABLES_AT_ONCE && from < list.length; from += TABLES_AT_ONCE) {
      const some = list.slice(from, from + TABLES_AT_ONCE);
      cut.push({ schemas: [schema], tables: some, named: `TABLE_NAME IN (${some.map((table) => literal(table.TABLE_NAME ?? "")).join(", ")})` });
    }
    if (list.length === 0 || list.length > TABLES_AT_ONCE) continue;
    if (small.tables.length + list.length > TABLES_AT_ONCE) {
      cut.push({ ...small, named: undefined });
      small = { schemas: [], tables: [] };
    }
    small.schemas.push(schema);
    small.tables.push(...list);
  }
  return small.tables.length === 0 ? cut : [...cut, { ...small, named: undefined }];
}

async function readFacts(catalog: Catalog, { schemas, tables, named }: Portion, originals: Readonly<Record<string, string>>): Promise<(key: string) => Record<string, CatalogRow[]>> {
  const also = (condition: string): string => (named === undefined ? condition : `${condition} AND ${named}`);
  const partitionedIn = [...new Set(tables.filter((table) => /partitioned/i.test(table.CREATE_OPTIONS ?? "")).map((table) => table.TABLE_SCHEMA ?? ""))];
  const columns = grouped(await catalog.rows("COLUMNS", COLUMN, "TABLE_SCHEMA", schemas, named), ["ORDINAL_POSITION"]);
  const indexes = grouped(await catalog.rows("STATISTICS", INDEX_PART, "TABLE_SCHEMA", schemas, named), ["INDEX_NAME", "SEQ_IN_INDEX"]);
  const foreignKeys = grouped(await catalog.rows("REFERENTIAL_CONSTRAINTS", FOREIGN_KEY, "CONSTRAINT_SCHEMA", schemas, named), ["CONSTRAINT_NAME"]);
  const parts = foreignKeys.size === 0 ? [] : await catalog.rows("KEY_COLUMN_USAGE", FOREIGN_KEY_PART, "TABLE_SCHEMA", schemas, also("REFERENCED_TABLE_NAME IS NOT NULL"));
  const foreignKeyParts = grouped(parts.map((row) => referenceOf(row, originals)), ["CONSTRAINT_NAME", "ORDINAL_POSITION"]);
  const checks = grouped(await readChecks(catalog, schemas, named), ["CONSTRAINT_NAME"]);
  const partitions = grouped(await catalog.rows("PARTITIONS", PARTITION, "TABLE_SCHEMA", partitionedIn, also("PARTITION_NAME IS NOT NULL")), ["PARTITION_ORDINAL_POSITION", "SUBPARTITION_ORDINAL_POSITION"]);
  return (key) => ({
    columns: columns.get(key) ?? [],
    indexes: indexes.get(key) ?? [],
    foreignKeys: foreignKeys.get(key) ?? [],
    foreignKeyParts: foreignKeyParts.get(key) ?? [],
    checks: checks.get(key) ?? [],
    partitions: partitions.get(key) ?? [],
  });
}

/** MySQL names a check's table only in TABLE_CONSTRAINTS, where a check is unique in its schema; MariaDB in CHECK_CONSTRAINTS itself. */
async function readChecks(catalog: Catalog, schemas: readonly string[], named: string | undefined): Promise<CatalogRow[]> {
  const clauses = await catalog.rows("CHECK_CONSTRAINTS", CHECK, "CONSTRAINT_SCHEMA", schemas, catalog.flavor === "mariadb" ? named : undefined);
  if (catalog.flavor === "mariadb" || clauses.length === 0) return clauses.map((row) => ({ ...row, TABLE_SCHEMA: row.CONSTRAINT_SCHEMA ?? "" }));
  const names = await catalog.rows("TABLE_CONSTRAINTS", CHECK_NAME, "TABLE_SCHEMA", schemas, `CONSTRAINT_TYPE = 'CHECK'${named === undefined ? "" : ` AND ${named}`}`);
  const clauseOf = new Map(clauses.map((row) => [`${row.CONSTRAINT_SCHEMA}\0${row.CONSTRAINT_NAME}`, row.CHECK_CLAUSE ?? ""]));
  return names.map((row) => ({ ...row, CHECK_CLAUSE: clauseOf.get(`${row.TABLE_SCHEMA}\0${row.CONSTRAINT_NAME}`) ?? "" }));
}

/** A reference into the same schema stays one when the schema gets another name; one into another is told by that schema's first name. Two schemas with one first name are the same. */
function referenceOf(row: CatalogRow, originals: Readonly<Record<string, string>>): CatalogRow {
  const original = (name: string | undefined): string | undefined => (name !== undefined && Object.hasOwn(originals, name) ? originals[name] : undefined);
  const referenced = original(row.REFERENCED_TABLE_SCHEMA);
  if (row.REFERENCED_TABLE_SCHEMA === row.TABLE_SCHEMA || (referenced !== undefined && referenced === original(row.TABLE_SCHEMA))) return without(row, ["REFERENCED_TABLE_SCHEMA"]);
  return referenced === undefined ? row : { ...row, REFERENCED_TABLE_SCHEMA: referenced };
}

function grouped(rows: readonly CatalogRow[], order: readonly string[]): Map<string, Record<string, string>[]> {
  const groups = new Map<string, Record<string, string>[]>();
  for (const [key, group] of groupBy(rows, tableKey)) {
    const sorted = [...group].sort((a, b) => compareBy(a, b, order));
    groups.set(key, sorted.map((row) => without(row, ["TABLE_SCHEMA", "CONSTRAINT_SCHEMA", "TABLE_NAME"])));
  }
  return groups;
}

function compareBy(a: CatalogRow, b: CatalogRow, order: readonly string[]): number {
  for (const column of order) {
    const [x, y] = [a[column] ?? "", b[column] ?? ""];
    if (x === y) continue;
    return /_POSITION$|^SEQ_/.test(column) ? Number(x) - Number(y) : x < y ? -1 : 1;
  }
  return 0;
}

function tableKey(row: CatalogRow): string {
  return `${row.TABLE_SCHEMA ?? row.CONSTRAINT_SCHEMA}\0${row.TABLE_NAME}`;
}
