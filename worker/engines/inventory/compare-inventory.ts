import type { DataStream, Inventory, ObjectEntry, SchemaEntry, TableEntry } from "#lib/contract/manifest/manifest.ts";
import type { Difference } from "#lib/contract/manifest/verification.ts";
import type { KeyRange } from "#lib/domain/backup/key-ranges.ts";

export interface CompareOptions {
  /** True where accounts were not restored (beside restores, table restores). */
  readonly ignoreAccounts?: boolean | undefined;
  /** Recorded schema name → its name on the restored server, where it was restored beside. */
  readonly names?: Readonly<Record<string, string>> | undefined;
  /** The instant of the load, UTC `YYYY-MM-DD hh:mm:ss`: an event that expired before may be gone. Absent: none may. */
  readonly loadedAt?: string | undefined;
}

const OBJECT_LISTS = ["views", "procedures", "functions", "triggers", "events", "sequences"] as const;
const ABSENT = "absent";
const PRESENT = "present";

/**
 * Everything in which the found server is not the recorded one, in a fixed order: by schema, tables before objects, by name.
 * Row counts are compared always; streams and fingerprints where both sides have them. Values are counts and hashes, never data.
 * Objects are named `schema.name` with the recorded schema name.
 */
export function compareInventory(expected: Inventory, found: Inventory, options: CompareOptions = {}): Difference[] {
  const differences: Difference[] = [];
  const foundSchemas = new Map(found.schemas.map((schema) => [schema.name, schema]));
  const restoredNames = new Set<string>();
  for (const schema of expected.schemas) {
    const name = options.names?.[schema.name] ?? schema.name;
    restoredNames.add(name);
    const other = foundSchemas.get(name);
    if (other) differences.push(...compareSchema(schema, other, options));
    else differences.push({ kind: "missing", object: schema.name, expected: PRESENT, found: ABSENT });
  }
  for (const { name } of found.schemas) {
    if (!restoredNames.has(name)) differences.push({ kind: "unexpected", object: name, expected: ABSENT, found: PRESENT });
  }
  if (!options.ignoreAccounts) differences.push(...compareObjects("account ", expected.accounts, found.accounts, options));
  return differences;
}

function compareSchema(expected: SchemaEntry, found: SchemaEntry, options: CompareOptions): Difference[] {
  const differences: Difference[] = [];
  const sets = ({ characterSet, collation }: SchemaEntry): string => `${characterSet} ${collation}`;
  if (sets(expected) !== sets(found)) differences.push({ kind: "structure", object: expected.name, expected: sets(expected), found: sets(found) });
  for (const [name, ours, theirs] of pairs(expected.tables, found.tables)) {
    const object = `${expected.name}.${name}`;
    if (ours && theirs) differences.push(...compareTable(object, ours, theirs));
    else differences.push(presence(object, ours !== undefined));
  }
  for (const list of OBJECT_LISTS) differences.push(...compareObjects(`${expected.name}.`, expected[list], found[list], options));
  return differences;
}

function compareTable(object: string, expected: TableEntry, found: TableEntry): Difference[] {
  const differences: Difference[] = [];
  const differ = (kind: Difference["kind"], ours: string, theirs: string): void => {
    if (ours !== theirs) differences.push({ kind, object, expected: ours, found: theirs });
  };
  differ("structure", `${expected.engine} ${expected.structure}`, `${found.engine} ${found.structure}`);
  differ("rows", String(expected.rows), String(found.rows));
  if (expected.stream && found.stream && !isRounding(expected, found)) differ("stream", streamText(expected.stream), streamText(found.stream));
  if (expected.cut && found.cut && !isRounding(expected, found)) {
    const theirs = new Map(found.cut.ranges.map((range) => [rangeText(range), range.stream]));
    for (const range of expected.cut.ranges) differ("stream", rangeStream(range, range.stream), rangeStream(range, theirs.get(rangeText(range)) ?? null));
  }
  if (expected.fingerprint && found.fingerprint) differ("fingerprint", fingerprintText(expected.fingerprint), fingerprintText(found.fingerprint));
  return differences;
}

/**
 * A dump of rounded values (FLOAT, opaque JSON, minus zero) need not give the same text again after a load. Where both fingerprints stand, equal, and name
 * such columns, they have compared every value as far as a dump keeps it.
 */
function isRounding({ fingerprint: ours }: TableEntry, { fingerprint: theirs }: TableEntry): boolean {
  return ours !== null && theirs !== null && ours.lossyColumns.length > 0 && fingerprintText(ours) === fingerprintText(theirs);
}

function compareObjects(prefix: string, expected: readonly ObjectEntry[], found: readonly ObjectEntry[], { loadedAt }: CompareOptions): Difference[] {
  const differences: Difference[] = [];
  for (const [name, ours, theirs] of pairs(expected, found)) {
    const object = `${prefix}${name}`;
    if (ours?.broken !== undefined) continue;
    if (ours && theirs) {
      if (ours.definition !== theirs.definition) differences.push({ kind: "definition", object, expected: ours.definition, found: theirs.definition });
      else if (theirs.broken !== undefined) differences.push({ kind: "view-unreadable", object, expected: "readable", found: theirs.broken });
    } else if (!(ours?.expires !== undefined && loadedAt !== undefined && ours.expires <= loadedAt)) {
      differences.push(presence(object, ours !== undefined));
    }
  }
  return differences;
}

function presence(object: string, recorded: boolean): Difference {
  return recorded ? { kind: "missing", object, expected: PRESENT, found: ABSENT } : { kind: "unexpected", object, expected: ABSENT, found: PRESENT };
}

/** Both lists joined by name: recorded ones first in their order, then what only the other has. */
function* pairs<T extends { readonly name: string }>(expected: readonly T[], found: readonly T[]): Generator<[name: string, expected: T | undefined, found: T | undefined]> {
  const others = new Map(found.map((entry) => [entry.name, entry]));
  for (const entry of expected) {
    yield [entry.name, entry, others.get(entry.name)];
    others.delete(entry.name);
  }
  for (const [name, entry] of others) yield [name, undefined, entry];
}

function streamText({ bytes, sha256 }: { bytes: number; sha256: string }): string {
  return `${bytes} bytes, ${sha256}`;
}

function rangeStream(range: KeyRange, stream: DataStream | null): string {
  return `${rangeText(range)}: ${stream ? streamText(stream) : ABSENT}`;
}

/** Bounds of keys are no row data: they stand in the manifest. */
function rangeText({ from, to }: KeyRange): string {
  return `keys from ${from ?? "the first"} to before ${to ?? "the end"}`;
}

function fingerprintText({ rows, digest }: { rows: number; digest: string }): string {
  return `${rows} rows, ${digest}`;
}
