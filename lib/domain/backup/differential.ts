import { dataSegment } from "./artifact-names.ts";

/** Digest of a table's rows as they are dumped. */
export interface Stream {
  readonly bytes: number;
  readonly sha256: string;
}

export interface Tables {
  readonly schemas: readonly { readonly name: string; readonly tables: readonly { readonly name: string; readonly stream: Stream | null }[] }[];
}

export interface DataFile {
  readonly name: string;
  readonly schema?: string | undefined;
  /** Data artifacts only. */
  readonly tables?: readonly string[] | undefined;
}

/** What a full holds; its manifest fits. */
export interface FullContents<A extends DataFile = DataFile> {
  readonly inventory: Tables;
  readonly artifacts: readonly A[];
}

/** Tells of a table that was dumped now whether the full holds the very same rows. */
export type IsUnchanged = (schema: string, table: string, stream: Stream) => boolean;

/**
 * Rows are the same when they dump to the same statements. These go by the table's definition, which a differential always holds anew, so that a table
 * whose structure changed and whose statements did not is restored right as well.
 */
export function unchangedSince(full: FullContents): IsUnchanged {
  const held = new Set(full.artifacts.flatMap(({ schema, tables = [] }) => tables.map((table) => keyOf(schema ?? "", table))));
  const known = new Map<string, Stream>();
  for (const schema of full.inventory.schemas) {
    for (const { name, stream } of schema.tables) {
      const key = keyOf(schema.name, name);
      if (stream && mayBorrow(name) && (held.has(key) || stream.bytes === 0)) known.set(key, stream);
    }
  }
  return (schema, table, stream) => {
    const before = known.get(keyOf(schema, table));
    return before !== undefined && before.bytes === stream.bytes && before.sha256 === stream.sha256;
  };
}

/** The full's data files that belong to a differential as well, each with the tables whose rows count. Tables without rows need none. */
export function borrowedFiles<A extends DataFile>(full: FullContents<A>, now: Tables): (A & { readonly schema: string; readonly tables: string[] })[] {
  const isUnchanged = unchangedSince(full);
  const streams = streamsOf(now);
  return full.artifacts.flatMap((file) => {
    const { schema } = file;
    if (schema === undefined) return [];
    const tables = (file.tables ?? []).filter((table) => {
      const stream = streams.get(keyOf(schema, table));
      return stream && stream.bytes > 0 && isUnchanged(schema, table, stream);
    });
    return tables.length > 0 ? [{ ...file, schema, tables }] : [];
  });
}

/** Tables that do not stand in exactly one data file although they have rows, as `schema.table`: with any of them a set is not complete. */
export function uncoveredTables(now: Tables, own: readonly DataFile[], borrowed: readonly DataFile[]): string[] {
  const times = new Map<string, number>();
  for (const { schema, tables = [] } of [...own, ...borrowed]) {
    for (const table of tables) times.set(keyOf(schema ?? "", table), (times.get(keyOf(schema ?? "", table)) ?? 0) + 1);
  }
  return [...streamsOf(now)].flatMap(([key, stream]) => ((times.get(key) ?? 0) === 1 || (stream?.bytes === 0 && !times.has(key)) ? [] : [key.replace("\0", ".")]));
}

/** Tables of the full that are no longer there. */
export function droppedTables(full: Tables, now: Tables): { schema: string; table: string }[] {
  const present = streamsOf(now);
  return full.schemas.flatMap(({ name, tables }) => tables.flatMap((table) => (present.has(keyOf(name, table.name)) ? [] : [{ schema: name, table: table.name }])));
}

/** First number for data files of a differential, so that none has the name of one of the full's, whatever the numbers of schemas meant then. */
export function firstSegment(full: FullContents): number {
  return full.artifacts.reduce((highest, { name }) => Math.max(highest, dataSegment(name) ?? 0), 0) + 1;
}

/** Share of all rows' bytes that is stored anew, 0 to 1; 0 where there are no rows. */
export function changedShare(now: Tables, borrowed: readonly DataFile[]): number {
  const kept = new Set(borrowed.flatMap(({ schema, tables = [] }) => tables.map((table) => keyOf(schema ?? "", table))));
  let [all, changed] = [0, 0];
  for (const [key, stream] of streamsOf(now)) {
    all += stream?.bytes ?? 0;
    if (!kept.has(key)) changed += stream?.bytes ?? 0;
  }
  return all === 0 ? 0 : changed / all;
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

function streamsOf({ schemas }: Tables): Map<string, Stream | null> {
  return new Map(schemas.flatMap(({ name, tables }) => tables.map((table) => [keyOf(name, table.name), table.stream] as const)));
}

function keyOf(schema: string, table: string): string {
  return `${schema}\0${table}`;
}
