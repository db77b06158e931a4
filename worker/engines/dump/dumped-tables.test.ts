import { expect, it } from "vitest";
import type { Inventory, TableEntry } from "#lib/contract/manifest/manifest.ts";
import { readAs, sizedTables } from "./dumped-tables.ts";

const table = (more: Partial<TableEntry>): TableEntry => ({ name: "t", engine: "InnoDB", rows: 0, dataBytes: 1, structure: "a".repeat(64), stream: null, fingerprint: null, ...more });
const inventory = (one: TableEntry): Inventory => ({ schemas: [{ name: "s", characterSet: "", collation: "", tables: [one], views: [], procedures: [], functions: [], triggers: [], events: [], sequences: [] }], accounts: [] });
const read = (recorded: Partial<TableEntry>, found: Partial<TableEntry>) => sizedTables(readAs(inventory(table(recorded)), inventory(table(found))).schemas)[0];

it("a set's tables are read again as they were for it: sorted where an older set had them sorted, in its ranges", () => {
  const cut = { column: "id", ranges: [{ from: null, to: "5", rows: 1, stream: null }, { from: "5", to: null, rows: 1, stream: null }] };
  expect(read({ unsorted: "by-key" }, { unsorted: "by-key" })?.unsorted).toBe("by-key");
  expect(read({}, { unsorted: "by-key" })?.unsorted).toBeUndefined();
  expect(read({ unsorted: "by-key" }, {})?.unsorted).toBe("by-key");
  expect(read({ cut }, {})?.ranges).toEqual([{ column: "id", from: null, to: "5" }, { column: "id", from: "5", to: null }]);
});

it("a table of another structure is read as any", () => {
  const other = { structure: "b".repeat(64) };
  expect(read({ unsorted: "by-key" }, { ...other, unsorted: "by-key" })?.unsorted).toBeUndefined();
  expect(read({ cut: { column: "id", ranges: [] } }, other)?.ranges).toBeUndefined();
});
