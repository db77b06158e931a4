import type { Manifest, TableCut, TableEntry } from "#lib/contract/manifest/manifest.ts";
import type { KeyRange } from "#lib/domain/backup/key-ranges.ts";

/** The first column of a primary key, in which ranges are told. */
export const KEY_COLUMN = "doc `è` \"\\#";
const QUOTED_KEY = `\`${KEY_COLUMN.replaceAll("`", "``")}\``;
/** As far as a key can go, with gaps. */
const KEYS = ["0", "1", "2", "3", "500", "501", "9007199254740993", "9007199254740994", "9223372036854775808", "18446744073709551612", "18446744073709551614"];
/** The first of several columns: negative ones, some with several rows. */
const DOCUMENTS = [-2147483648, -70, -70, -70, -1, 0, 0, 5, 5, 900, 901, 902];

/** Tables of the schema in use that are dumped in ranges with `rangeMiB: 1`. */
export const CREATE_CUT_TABLES: readonly string[] = [
  "CREATE TABLE cut_keys (id BIGINT UNSIGNED PRIMARY KEY, t LONGTEXT, n INT, KEY by_n (n))",
  ...KEYS.map((id, n) => `INSERT INTO cut_keys VALUES (${id}, REPEAT('${n % 10}', 400000), ${n})`),
  `CREATE TABLE cut_lines (${QUOTED_KEY} INT, line INT, t LONGTEXT, PRIMARY KEY (${QUOTED_KEY}, line))`,
  ...DOCUMENTS.map((document, n) => `INSERT INTO cut_lines VALUES (${document}, ${n}, REPEAT('${n % 10}', 400000))`),
  "CREATE TABLE cut_same LIKE cut_keys",
  "INSERT INTO cut_same SELECT * FROM cut_keys",
  // Sizes are what the server thinks they are.
  "ANALYZE TABLE cut_keys, cut_lines, cut_same",
];

/** One row in the middle and one behind all; all of the first ranges gone. */
export const CHANGE_CUT_TABLES: readonly string[] = ["UPDATE cut_keys SET t = 'changed' WHERE id = 9007199254740993", "INSERT INTO cut_keys VALUES (18446744073709551615, 'behind', 0)", `DELETE FROM cut_lines WHERE ${QUOTED_KEY} < -1`];

/** What is in them at first, and the keys of which CHANGE_CUT_TABLES changes rows. */
export const CUT_TABLES = [
  { name: "cut_keys", column: "id", rows: KEYS.length, changed: [9007199254740993n, 18446744073709551615n] },
  { name: "cut_lines", column: KEY_COLUMN, rows: DOCUMENTS.length, changed: DOCUMENTS.filter((document) => document < -1).map(BigInt) },
  { name: "cut_same", column: "id", rows: KEYS.length, changed: [] },
] as const;

/** The cut of a table; of the schema's only table of that name. */
export function cutOf({ inventory }: Manifest, table: string): TableEntry & { readonly cut: TableCut } {
  const found = inventory.schemas.flatMap(({ tables }) => tables).find(({ name }) => name === table);
  if (!found?.cut) throw new Error(`${table} was not dumped in ranges`);
  return { ...found, cut: found.cut };
}

/** The ranges that have rows and fulfil the condition, as text, in any order. */
export function rangesWithRows({ column, ranges }: TableCut, condition: (range: KeyRange) => boolean = () => true): Set<string> {
  return new Set(ranges.filter((range) => range.rows > 0 && condition(range)).map((range) => rangeText({ column, ...range })));
}

/** The ranges of a table that these files hold, as text. */
export function rangesIn(artifacts: Manifest["artifacts"], table: string): Set<string> {
  return new Set(artifacts.flatMap(({ tables, range }) => (range && tables?.includes(table) ? [rangeText(range)] : [])));
}

/** Does the range hold one of the keys? */
export function holdsAny({ from, to }: KeyRange, keys: readonly bigint[]): boolean {
  return keys.some((key) => (from === null || key >= BigInt(from)) && (to === null || key < BigInt(to)));
}

function rangeText({ column, from, to }: KeyRange & { readonly column: string }): string {
  return JSON.stringify([column, from, to]);
}
