import { dataSegment } from "./artifact-names.ts";
import type { KeyRange, TableRange } from "./key-ranges.ts";

/** Digest of rows as they are dumped. */
export interface Stream {
  readonly bytes: number;
  readonly sha256: string;
}

interface Table {
  readonly name: string;
  readonly stream: Stream | null;
  /** Dumped in ranges, which have the digests then. */
  readonly cut?: { readonly column: string; readonly ranges: readonly (KeyRange & { readonly stream: Stream | null })[] } | undefined;
}

export interface Tables {
  readonly schemas: readonly { readonly name: string; readonly tables: readonly Table[] }[];
}

export interface DataFile {
  readonly name: string;
  readonly schema?: string | undefined;
  /** Data artifacts only. */
  readonly tables?: readonly string[] | undefined;
  /** Of its one table, it holds the rows of this range. */
  readonly range?: TableRange | undefined;
}

/** What a full holds; its manifest fits. */
export interface FullContents<A extends DataFile = DataFile> {
  readonly inventory: Tables;
  readonly artifacts: readonly A[];
}

/** Tells of a table, or of a range of one, that was dumped now whether the full holds the very same rows, dumped as this was. */
export type IsUnchanged = (schema: string, table: string, stream: Stream, range?: TableRange) => boolean;

/** What is stored or not stored as one: a table, or a range of a table that is dumped in ranges. A key of it; no name holds a NUL. */
export function pieceKey(schema: string, table: string, range?: TableRange): string {
  return range ? `${schema}\0${table}\0${range.column}\0${range.from ?? ""}\0${range.to ?? ""}` : `${schema}\0${table}`;
}

/**
 * Rows are the same when they dump to the same statements. These go by the table's definition, which a differential always holds anew, so that a table
 * whose structure changed and whose statements did not is restored right as well.
 */
export function unchangedSince(full: FullContents): IsUnchanged {
  const held = new Set(full.artifacts.flatMap(piecesIn));
  const known = new Map<string, Stream>();
  for (const [key, { table, stream }] of piecesOf(full.inventory)) {
    if (stream && mayBorrow(table) && (held.has(key) || stream.bytes === 0)) known.set(key, stream);
  }
  return (schema, table, stream, range) => {
    const before = known.get(pieceKey(schema, table, range));
    return before !== undefined && before.bytes === stream.bytes && before.sha256 === stream.sha256;
  };
}

/** The full's data files that belong to a differential as well, each with the tables whose rows count. Tables and ranges without rows need none. */
export function borrowedFiles<A extends DataFile>(full: FullContents<A>, now: Tables): (A & { readonly schema: string; readonly tables: string[] })[] {
  const isUnchanged = unchangedSince(full);
  const pieces = piecesOf(now);
  return full.artifacts.flatMap((file) => {
    const { schema, range } = file;
    if (schema === undefined) return [];
    const tables = (file.tables ?? []).filter((table) => {
      const stream = pieces.get(pieceKey(schema, table, range))?.stream;
      return stream && stream.bytes > 0 && isUnchanged(schema, table, stream, range);
    });
    return tables.length > 0 ? [{ ...file, schema, tables }] : [];
  });
}

/**
 * Tables and ranges that do not stand in exactly one data file although they have rows, and those in a file that are none of the set's: with any of them it is not
 * complete. As `schema.table` or `schema.table [from, to)`.
 */
export function uncoveredTables(now: Tables, own: readonly DataFile[], borrowed: readonly DataFile[]): string[] {
  const pieces = piecesOf(now);
  const times = new Map<string, number>();
  for (const key of [...own, ...borrowed].flatMap(piecesIn)) times.set(key, (times.get(key) ?? 0) + 1);
  const uncovered = [...pieces].filter(([key, { stream }]) => !((times.get(key) ?? 0) === 1 || (stream?.bytes === 0 && !times.has(key)))).map(([key]) => key);
  return [...uncovered, ...[...times.keys()].filter((key) => !pieces.has(key))].map(pieceText);
}

/** Tables of the full that are no longer there. */
export function droppedTables(full: Tables, now: Tables): { schema: string; table: string }[] {
  const present = new Set(now.schemas.flatMap(({ name, tables }) => tables.map((table) => pieceKey(name, table.name))));
  return full.schemas.flatMap(({ name, tables }) => tables.flatMap((table) => (present.has(pieceKey(name, table.name)) ? [] : [{ schema: name, table: table.name }])));
}

/** First number for data files of a differential, so that none has the name of one of the full's, whatever the numbers of schemas meant then. */
export function firstSegment(full: FullContents): number {
  return full.artifacts.reduce((highest, { name }) => Math.max(highest, dataSegment(name) ?? 0), 0) + 1;
}

/** Share of all rows' bytes that is stored anew, 0 to 1; 0 where there are no rows. */
export function changedShare(now: Tables, borrowed: readonly DataFile[]): number {
  const kept = new Set(borrowed.flatMap(piecesIn));
  let [all, changed] = [0, 0];
  for (const [key, { stream }] of piecesOf(now)) {
    all += stream?.bytes ?? 0;
    if (!kept.has(key)) changed += stream?.bytes ?? 0;
  }
  return all === 0 ? 0 : changed / all;
}

/** How many tables have rows in these files; one that stands in several, by ranges, counts once. */
export function tablesIn(files: readonly DataFile[]): number {
  return new Set(files.flatMap(({ schema, tables = [] }) => tables.map((table) => pieceKey(schema ?? "", table)))).size;
}

/** Differentials by the full that each of them needs: such a full may not go while one of them is kept. */
export function dependants(sets: readonly { readonly id: string; readonly parent: string | null }[]): Map<string, string[]> {
  const needed = new Map<string, string[]>();
  for (const { id, parent } of sets) {
    if (parent !== null) needed.set(parent, [...(needed.get(parent) ?? []), id]);
  }
  return needed;
}

/** A heading with a name of several lines cannot be found again in a file by its line: such a table is stored every time. */
function mayBorrow(table: string): boolean {
  return !table.includes("\n");
}

/** All that is stored as one, by its key. */
function piecesOf({ schemas }: Tables): Map<string, { readonly table: string; readonly stream: Stream | null }> {
  return new Map(
    schemas.flatMap(({ name, tables }) =>
      tables.flatMap(({ name: table, stream, cut }) => {
        if (!cut) return [[pieceKey(name, table), { table, stream }] as const];
        return cut.ranges.map((range) => [pieceKey(name, table, { column: cut.column, ...range }), { table, stream: range.stream }] as const);
      }),
    ),
  );
}

function piecesIn({ schema, tables = [], range }: DataFile): string[] {
  return tables.map((table) => pieceKey(schema ?? "", table, range));
}

function pieceText(key: string): string {
  const [schema, table, column, from, to] = key.split("\0");
  return column === undefined ? `${schema}.${table}` : `${schema}.${table} [${from}, ${to})`;
}
