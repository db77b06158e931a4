import type { Flavor } from "#lib/contract/names.ts";
import { quoteName } from "#lib/domain/backup/sql-name.ts";
import type { ColumnFacts } from "./columns.ts";

/** Bytes up to which a long value goes into the row's text itself; a longer one goes in as its own SHA-256, so that a row stays far below max_allowed_packet. */
const INLINE_BYTES = 1024;

const NUMERIC_AS_IS = new Set(["tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "year", "date", "time", "datetime", "timestamp"]);
const AS_INTEGER = new Set(["bit", "enum", "set"]);
const LONG_TEXT = new Set(["text", "mediumtext", "longtext", "blob", "mediumblob", "longblob", "json"]);
const SHORT_TEXT = new Set(["char", "varchar", "binary", "varbinary", "tinytext", "tinyblob", "uuid", "inet4", "inet6"]);

/**
 * SQL for one row as bytes from which every stored value can be read back (so two different rows never give the same bytes):
 * the columns' texts with `#` between them, `~` for NULL, a text or blob as its length and its bytes. Bytes are never converted between
 * character sets: where a table has more than one collation, its texts are taken as binary.
 */
export function rowText(columns: readonly ColumnFacts[], flavor: Flavor): string {
  const asBytes = new Set(columns.map(({ collation }) => collation).filter((collation) => collation !== null)).size > 1;
  return `CONCAT_WS(_binary'#', ''${columns.map((column) => `, ${columnText(column, flavor, asBytes)}`).join("")})`;
}

function columnText({ name, type, nullable, collation }: ColumnFacts, flavor: Flavor, asBytes: boolean): string {
  const column = quoteName(name);
  const bytes = asBytes && collation !== null ? `CAST(${column} AS BINARY)` : column;
  const orNull = (text: string): string => (nullable ? `IFNULL(${text}, '~')` : text);
  if (NUMERIC_AS_IS.has(type)) return orNull(column);
  if (AS_INTEGER.has(type)) return orNull(`CAST(${column} AS UNSIGNED)`);
  // A dump writes -0 as the integer 0: +0 makes them one.
  if (type === "double") return orNull(`${column} + 0`);
  // A dump writes six digits. They stay what they are when they are read and written again, so both servers give the same text.
  if (type === "float") return orNull(`IF(${column} = 0, '0', CONCAT(${column}))`);
  if (type === "json" && flavor === "mysql") return orNull(`SHA2(${reparsedJson(column)}, 256)`);
  // CONCAT_WS leaves out what is NULL: then only the `~` stands there.
  if (SHORT_TEXT.has(type)) return `${orNull(`LENGTH(${column})`)}, ${bytes}`;
  // The cast keeps IF from looking for a character set that holds both.
  if (LONG_TEXT.has(type)) return `${orNull(`LENGTH(${column})`)}, IF(LENGTH(${column}) <= ${INLINE_BYTES}, CAST(${column} AS BINARY), SHA2(${column}, 256))`;
  // Geometries, vectors, and types that a later server may bring.
  return orNull(`SHA2(${column}, 256)`);
}

/** The document as it is after a dump: written as text and read again (a DECIMAL inside becomes a DOUBLE). */
function reparsedJson(column: string): string {
  return `CAST(CAST(CAST(${column} AS CHAR) AS JSON) AS CHAR)`;
}

/** Columns in which any logical dump rounds: compared by what a dump keeps of them. */
export function roundedColumns(columns: readonly ColumnFacts[]): string[] {
  return columns.filter(({ type }) => type === "float").map(({ name }) => name);
}

/** Columns of which some values do not survive a dump: JSON with values that JSON text has no form for (MariaDB's JSON is text), DOUBLE with minus zero. */
export function suspectColumns(columns: readonly ColumnFacts[], flavor: Flavor): ColumnFacts[] {
  return flavor === "mysql" ? columns.filter(({ type }) => type === "json" || type === "double") : [];
}

/** SQL: how many values of the column would change in a dump. */
export function changedCount({ name, type }: ColumnFacts): string {
  const column = quoteName(name);
  if (type === "double") return `SUM(${column} = 0 AND CONCAT(${column}) = '-0')`;
  const text = `CAST(${column} AS CHAR)`;
  return `SUM(${column} IS NOT NULL AND NOT (${column} <=> CAST(${text} AS JSON) AND ${text} = ${reparsedJson(column)}))`;
}
