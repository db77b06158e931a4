import { describe, expect, it } from "vitest";
import type { Inventory, ObjectEntry, SchemaEntry, TableEntry } from "#lib/contract/manifest/manifest.ts";
import { rangesBetween } from "#lib/domain/backup/key-ranges.ts";
import { compareInventory } from "./compare-inventory.ts";

const hash = (letter: string): string => letter.repeat(64);
const table = (name: string, more: Partial<TableEntry> = {}): TableEntry => ({ name, engine: "InnoDB", rows: 3, dataBytes: 1, structure: hash("a"), stream: { bytes: 9, sha256: hash("b") }, fingerprint: { rows: 3, digest: "ff", lossyColumns: [] }, ...more });
const object = (name: string, more: Partial<ObjectEntry> = {}): ObjectEntry => ({ name, definition: hash("c"), ...more });
const schema = (name: string, more: Partial<SchemaEntry> = {}): SchemaEntry => ({ name, characterSet: "utf8mb4", collation: "utf8mb4_bin", tables: [table("t")], views: [], procedures: [], functions: [], triggers: [], events: [], sequences: [], ...more });
const inventory = (...schemas: SchemaEntry[]): Inventory => ({ schemas, accounts: [object("a@%")] });
const kinds = (expected: Inventory, found: Inventory, options = {}): string[] => compareInventory(expected, found, options).map(({ kind, object: name }) => `${kind} ${name}`);

describe("compareInventory", () => {
  it("finds nothing where nothing differs, whatever sizes the servers estimate", () => {
    expect(kinds(inventory(schema("s")), inventory(schema("s", { tables: [table("t", { dataBytes: 777 })] })))).toEqual([]);
  });

  it.each([
    ["rows", { rows: 4 }], ["structure", { structure: hash("d") }], ["structure", { engine: "MyISAM" }],
    ["stream", { stream: { bytes: 10, sha256: hash("b") } }], ["fingerprint", { fingerprint: { rows: 3, digest: "fe", lossyColumns: [] } }],
  ] as [string, Partial<TableEntry>][])("names a table whose %s differ", (kind, change) => {
    expect(kinds(inventory(schema("s")), inventory(schema("s", { tables: [table("t", change)] })))).toEqual([`${kind} s.t`]);
  });

  it("names the ranges of a table that was dumped in ranges, and forgives rounding in them as well", () => {
    const cut = (letters: string): Partial<TableEntry> => ({ stream: null, cut: { column: "id", ranges: rangesBetween([5n]).map((range, index) => ({ ...range, rows: 1, stream: { bytes: 9, sha256: hash(letters[index] ?? "f") } })) } });
    const [expected, found] = [inventory(schema("s", { tables: [table("t", cut("bc"))] })), (letters: string) => inventory(schema("s", { tables: [table("t", cut(letters))] }))];
    expect(kinds(expected, found("bc"))).toEqual([]);
    expect(compareInventory(expected, found("bd"))).toEqual([{ kind: "stream", object: "s.t", expected: `keys from 5 to before the end: 9 bytes, ${hash("c")}`, found: `keys from 5 to before the end: 9 bytes, ${hash("d")}` }]);
    expect(kinds(expected, inventory(schema("s")))).toEqual([]);
    const lossy = { fingerprint: { rows: 3, digest: "ff", lossyColumns: ["f"] } };
    expect(kinds(inventory(schema("s", { tables: [table("t", { ...cut("bc"), ...lossy })] })), found("bd"))).toEqual([]);
  });

  it("takes another stream for rounding only where equal fingerprints name the columns", () => {
    const rounded = { stream: { bytes: 10, sha256: hash("e") } };
    const lossy = (digest: string, lossyColumns: string[]): Partial<TableEntry> => ({ fingerprint: { rows: 3, digest, lossyColumns } });
    const expected = inventory(schema("s", { tables: [table("t", lossy("ff", ["f"]))] }));
    expect(kinds(expected, inventory(schema("s", { tables: [table("t", { ...rounded, ...lossy("ff", []) })] })))).toEqual([]);
    expect(kinds(expected, inventory(schema("s", { tables: [table("t", { ...rounded, ...lossy("fe", ["f"]) })] })))).toEqual(["stream s.t", "fingerprint s.t"]);
    expect(kinds(expected, inventory(schema("s", { tables: [table("t", { ...rounded, fingerprint: null })] })))).toEqual(["stream s.t"]);
    expect(kinds(inventory(schema("s")), inventory(schema("s", { tables: [table("t", rounded)] })))).toEqual(["stream s.t"]);
  });

  it("compares streams and fingerprints only where both were taken", () => {
    expect(kinds(inventory(schema("s")), inventory(schema("s", { tables: [table("t", { stream: null, fingerprint: null })] })))).toEqual([]);
  });

  it.each(["views", "procedures", "functions", "triggers", "events", "sequences"] as const)("names missing, unexpected and changed %s", (list) => {
    const expected = inventory(schema("s", { [list]: [object("gone"), object("other")] }));
    const found = inventory(schema("s", { [list]: [object("more"), object("other", { definition: hash("d") })] }));
    expect(kinds(expected, found)).toEqual(["missing s.gone", "definition s.other", "unexpected s.more"]);
  });

  it("names schemas and accounts that are gone or too many", () => {
    const found = { schemas: [schema("x")], accounts: [object("b@%")] };
    expect(kinds(inventory(schema("s")), found)).toEqual(["missing s", "unexpected x", "missing account a@%", "unexpected account b@%"]);
    expect(kinds(inventory(schema("s")), found, { ignoreAccounts: true, names: { s: "x" } })).toEqual([]);
  });

  it("does not ask for a view that the source could not read, but for one that only the restored server cannot", () => {
    expect(kinds(inventory(schema("s", { views: [object("v", { broken: "gone" })] })), inventory(schema("s")))).toEqual([]);
    expect(kinds(inventory(schema("s", { views: [object("v")] })), inventory(schema("s", { views: [object("v", { broken: "gone" })] })))).toEqual(["view-unreadable s.v"]);
  });

  it("forgives the absence of an event only when its last instant had passed at the load", () => {
    const expected = inventory(schema("s", { events: [object("e", { expires: "2026-11-23 10:00:00" })] }));
    expect(kinds(expected, inventory(schema("s")), { loadedAt: "2026-11-23 11:00:00" })).toEqual([]);
    expect(kinds(expected, inventory(schema("s")), { loadedAt: "2026-11-23 09:00:00" })).toEqual(["missing s.e"]);
    expect(kinds(expected, inventory(schema("s")))).toEqual(["missing s.e"]);
  });
});
