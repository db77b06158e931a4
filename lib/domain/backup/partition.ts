import type { TableRange } from "./key-ranges.ts";

/** A table as the partition sees it: where it is and how many bytes the server thinks it holds. */
export interface SizedTable {
  readonly schema: string;
  readonly name: string;
  readonly bytes: number;
  /** Its rows need not be sorted, since they come by primary key by themselves, or must not be, where nothing orders them. Absent: they must. */
  readonly unsorted?: "by-key" | "as-put-in" | undefined;
  /** Each is dumped by a child of its own: the dump programs take one condition for all that they dump. */
  readonly ranges?: readonly TableRange[] | undefined;
}

/**
 * What one dump child reads: chosen tables of one schema, or whole small schemas.
 * Two kinds, because the dump programs take table names for one schema only, and their `--ignore-table`
 * compares names without regard to case (it would leave out `Abc` together with `abc`).
 */
export type DumpShare =
  | {
      readonly kind: "tables";
      readonly schema: string;
      readonly tables: readonly string[];
      /**
       * The schema's other tables, to be passed over instead of naming ours; null = name ours. The programs ask the server for each named table before
       * anything else, one after the other, while writers are held: two milliseconds each.
       */
      readonly omit: readonly string[] | null;
      readonly bytes: number;
      /** No table's rows are sorted; else those of each are. */
      readonly unsorted: boolean;
      /** Of the one table, these rows alone. */
      readonly range?: TableRange | undefined;
    }
  | { readonly kind: "schemas"; readonly schemas: readonly string[]; readonly bytes: number; readonly unsorted: boolean };

/** More tables than this are not named but told by what is passed over, where that is safe. */
const MOST_NAMED = 20;

/** Names that the programs' comparison, which knows neither case nor accents, keeps apart when they differ in lower case. */
const PLAIN_NAME = /^\w+$/;

/** Longest argument list given to one child, bytes; the kernel's own limit is 2 MiB with the environment. */
const ARGV_BYTES = 1_000_000;

/**
 * Splits tables into about `streams` shares of like size, each for one dump child that reads its share within the common snapshot.
 * Large schemas are cut by table (largest first onto the least loaded share), small ones are grouped whole.
 * Schemas in `neverWhole` are always given by table name: in them something must be passed over (a broken view ends the program).
 * Every table, or each of its ranges, stands in exactly one share; the order of the result is by size, largest first.
 */
export function partitionTables(tables: readonly SizedTable[], streams: number, neverWhole: ReadonlySet<string> = new Set()): DumpShare[] {
  const schemas = groupBySchema(tables);
  const total = sum(tables.filter(({ ranges }) => !ranges)) || 1;
  const shares: DumpShare[] = [];
  const small: { schema: string; bytes: number; tables: readonly SizedTable[] }[] = [];
  for (const [schema, all] of schemas) {
    const own = all.filter(({ ranges }) => !ranges);
    if (own.length === 0) continue;
    const bytes = sum(own);
    const wanted = Math.round((bytes / total) * streams);
    const mixed = !own.every(isUnsorted) && own.some(mustStayUnsorted);
    if (schemas.size > 1 && wanted < 1 && !neverWhole.has(schema) && own.length === all.length && !mixed) small.push({ schema, bytes, tables: own });
    else {
      const names = all.map(({ name }) => name);
      for (const { tables: some, parts } of byOrder(own, Math.max(1, wanted))) shares.push(...cutSchema(schema, some, { parts, mustName: neverWhole.has(schema), names }));
    }
  }
  const groups = Math.max(1, streams - shares.length);
  const [asPutIn, others] = [small.filter(({ tables: own }) => own.some(mustStayUnsorted)), small.filter(({ tables: own }) => !own.some(mustStayUnsorted))];
  for (const bin of [asPutIn, others].flatMap((some) => pack(some, Math.min(groups, some.length || 1), (item) => item.bytes))) {
    if (bin.length > 0) shares.push({ kind: "schemas", schemas: bin.map((item) => item.schema), bytes: bin.reduce((n, item) => n + item.bytes, 0), unsorted: bin.every((item) => item.tables.every(isUnsorted)) });
  }
  return [...shares, ...tables.flatMap(rangeShares)].sort((a, b) => b.bytes - a.bytes);
}

function rangeShares(table: SizedTable): DumpShare[] {
  const { schema, name, bytes, ranges = [] } = table;
  return ranges.map((range) => ({ kind: "tables", schema, tables: [name], omit: null, bytes: bytes / ranges.length, unsorted: isUnsorted(table), range }));
}

function isUnsorted({ unsorted }: SizedTable): boolean {
  return unsorted !== undefined;
}

function mustStayUnsorted({ unsorted }: SizedTable): boolean {
  return unsorted === "as-put-in";
}

/** One table that must be sorted would have all others of its share sorted with it: they stand in shares of their own, each kind in as many as its size is worth. */
function byOrder(tables: SizedTable[], parts: number): { tables: SizedTable[]; parts: number }[] {
  const all = sum(tables) || 1;
  return [tables.filter(isUnsorted), tables.filter((table) => !isUnsorted(table))].map((own) => ({ tables: own, parts: Math.max(1, Math.round((parts * sum(own)) / all)) }));
}

/** `names`: all tables of the schema, those as well that other shares dump in ranges. */
function cutSchema(schema: string, tables: SizedTable[], { parts, mustName, names }: { parts: number; mustName: boolean; names: string[] }): DumpShare[] {
  const byOmission = !mustName && mayOmit(schema, names);
  const argvBytes = byOmission ? 0 : tables.reduce((n, table) => n + Buffer.byteLength(table.name) + 9, 0);
  const bins = pack(tables, Math.max(parts, Math.ceil(argvBytes / ARGV_BYTES)), (table) => table.bytes);
  return bins
    .filter((bin) => bin.length > 0)
    .map((bin): DumpShare => {
      const own = new Set(bin.map((table) => table.name));
      const omit = byOmission && bin.length > MOST_NAMED ? names.filter((name) => !own.has(name)) : null;
      return { kind: "tables", schema, tables: [...own], omit, bytes: sum(bin), unsorted: bin.every(isUnsorted) };
    });
}

/**
 * Is it safe to pass over some objects of a schema by name, and worth it? `names` are all that the program may come across: none may go with another that was meant.
 */
export function mayOmit(schema: string, names: readonly string[]): boolean {
  return names.length > MOST_NAMED && PLAIN_NAME.test(schema) && names.every((name) => PLAIN_NAME.test(name)) && new Set(names.map((name) => name.toLowerCase())).size === names.length;
}

/** Longest processing time first: largest item onto the bin with the least in it; each bin keeps largest first. */
function pack<T>(items: readonly T[], bins: number, size: (item: T) => number): T[][] {
  const result = Array.from({ length: bins }, () => ({ load: 0, items: [] as T[] }));
  for (const item of [...items].sort((a, b) => size(b) - size(a))) {
    const least = result.reduce((best, bin) => (bin.load < best.load || (bin.load === best.load && bin.items.length < best.items.length) ? bin : best));
    least.items.push(item);
    least.load += size(item);
  }
  return result.map((bin) => bin.items);
}

function groupBySchema(tables: readonly SizedTable[]): Map<string, SizedTable[]> {
  const groups = new Map<string, SizedTable[]>();
  for (const table of tables) {
    const group = groups.get(table.schema);
    if (group) group.push(table);
    else groups.set(table.schema, [table]);
  }
  return groups;
}

function sum(tables: readonly { bytes: number }[]): number {
  return tables.reduce((n, table) => n + table.bytes, 0);
}
