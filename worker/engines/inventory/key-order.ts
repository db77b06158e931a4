import type { TableEntry } from "#lib/contract/manifest/manifest.ts";
import { groupBy } from "./definition-hash.ts";
import type { CatalogRow } from "./information-schema.ts";

/** What decides in which order a server reads a table: its row of TABLES, and its rows of COLUMNS and STATISTICS. */
export interface ReadFacts {
  readonly table: CatalogRow;
  readonly columns: readonly CatalogRow[];
  readonly indexes: readonly CatalogRow[];
}

/**
 * In which order a SELECT without ORDER BY gives all rows, or a range of the first key column. `by-key`: InnoDB keeps rows by primary key, and there is no index that the server could read
 * instead: none holds every column that is read, none begins like the key. Not said where ORDER BY would give another order than the one that rows are kept in (parts of columns, descending
 * ones, partitions): digests recorded with ORDER BY must come out again. `as-put-in`: there is no order to be asked for ({@link hasNoOrder}). Undefined: not known; they must be sorted.
 */
export function unsortedOrder({ table, columns, indexes }: ReadFacts): TableEntry["unsorted"] {
  if (table.ENGINE?.toLowerCase() !== "innodb" || /partitioned/i.test(table.CREATE_OPTIONS ?? "")) return undefined;
  const key = indexes.filter(({ INDEX_NAME }) => INDEX_NAME === "PRIMARY");
  if ((key.length === 0 && !hasNoOrder(columns, indexes)) || key.some(({ COLLATION, SUB_PART, COLUMN_NAME }) => COLLATION !== "A" || SUB_PART !== undefined || COLUMN_NAME === undefined)) return undefined;
  const others = groupBy(indexes.filter(({ INDEX_NAME }) => INDEX_NAME !== "PRIMARY"), ({ INDEX_NAME }) => INDEX_NAME ?? "");
  const read = columns.filter(({ GENERATION_EXPRESSION, EXTRA }) => GENERATION_EXPRESSION === undefined && !/\binvisible\b/i.test(EXTRA ?? "")).map(({ COLUMN_NAME }) => COLUMN_NAME ?? "");
  const ofKey = key.map(({ COLUMN_NAME }) => COLUMN_NAME ?? "");
  const onlyWay = [...others.values()].every((parts) => {
    const held = new Set([...ofKey, ...parts.map(({ COLUMN_NAME }) => COLUMN_NAME ?? "")]);
    return !read.every((name) => held.has(name)) && !parts.some((part) => part.SEQ_IN_INDEX === "1" && part.COLUMN_NAME === ofKey[0]);
  });
  return onlyWay ? (key.length > 0 ? "by-key" : "as-put-in") : undefined;
}

/**
 * Has a table no order that could be asked for? Without a primary key, and with unique keys that all may hold NULL, any number of rows are equal in them, and the server sorts such
 * rows in any order, another one each time. Unsorted they come as they were put in, and as a restore put them in again.
 */
function hasNoOrder(columns: readonly CatalogRow[], indexes: readonly CatalogRow[]): boolean {
  const mayBeNull = new Set(columns.filter(({ IS_NULLABLE }) => IS_NULLABLE === "YES").map(({ COLUMN_NAME }) => COLUMN_NAME ?? ""));
  const unique = [...groupBy(indexes.filter(({ NON_UNIQUE }) => NON_UNIQUE === "0"), ({ INDEX_NAME }) => INDEX_NAME ?? "").values()];
  return unique.length > 0 && unique.every((parts) => parts.some(({ COLUMN_NAME }) => mayBeNull.has(COLUMN_NAME ?? "")));
}
