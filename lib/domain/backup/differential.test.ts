import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rangesBetween, type TableRange } from "./key-ranges.ts";
import { borrowedFiles, changedShare, dependants, droppedTables, firstSegment, type FullContents, type Stream, type Tables, uncoveredTables, unchangedSince } from "./differential.ts";

interface Table {
  readonly schema: string;
  readonly name: string;
  /** Stands for all rows; 0 = none. */
  readonly rows: number;
}

const CUTS = [-10n, 2n ** 53n + 1n, 2n ** 63n];

/** A table that was dumped in ranges: what stands for the rows of each, 0 = none. */
const cutState = fc.record({ cuts: fc.subarray(CUTS), column: fc.constantFrom("id", "other"), rows: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 }) });
type CutState = typeof cutState extends fc.Arbitrary<infer T> ? T : never;

function cutInventory({ cuts, column, rows }: CutState): Tables {
  const ranges = rangesBetween(cuts).map((range, index) => ({ ...range, stream: stream(rows[index] ?? 0) }));
  return { schemas: [{ name: "a", tables: [{ name: "large", stream: null, cut: { column, ranges } }] }] };
}

/** A file for each range, as the dump makes them: none where there are no rows. */
function cutFiles(of: Tables, wanted: (range: TableRange, stream: Stream) => boolean, segment = 1) {
  const [{ cut } = {}] = of.schemas[0]?.tables ?? [];
  return (cut?.ranges ?? []).flatMap(({ stream: rows, ...bounds }, at) => {
    const range = { column: cut?.column ?? "", ...bounds };
    return rows && rows.bytes > 0 && wanted(range, rows) ? [{ name: `200-data-00001-${String(segment + at).padStart(5, "0")}.sql.zst.gpg`, schema: "a", tables: ["large"], range }] : [];
  });
}

const stream = (rows: number): Stream => ({ bytes: rows * 10, sha256: rows.toString(16).padStart(64, "0") });

function inventory(tables: readonly Table[]): Tables {
  const schemas = [...new Set(tables.map(({ schema }) => schema))];
  return { schemas: schemas.map((name) => ({ name, tables: tables.filter(({ schema }) => schema === name).map(({ name: table, rows }) => ({ name: table, stream: stream(rows) })) })) };
}

/** Data files with up to `perFile` tables of one schema each, as a dump makes them. */
function files(tables: readonly Table[], perFile: number, segment = 1) {
  const schemas = [...new Set(tables.map(({ schema }) => schema))];
  return schemas.flatMap((schema, number) => {
    const own = tables.filter((table) => table.schema === schema).map(({ name }) => name);
    return Array.from({ length: Math.ceil(own.length / perFile) }, (_, at) => ({ name: `200-data-${String(number + 1).padStart(5, "0")}-${String(segment + at).padStart(5, "0")}.sql.zst.gpg`, schema, tables: own.slice(at * perFile, (at + 1) * perFile) }));
  });
}

const table = fc.record({ schema: fc.constantFrom("a", "b"), name: fc.constantFrom("t", "u", "v", "w", "two\nlines"), rows: fc.integer({ min: 0, max: 3 }) });
const state = fc.uniqueArray(table, { selector: ({ schema, name }) => `${schema}.${name}`, maxLength: 10 });

describe("a differential and the full that it builds on", () => {
  it("hold together every row of the moment exactly once, and the files of the two never have one name", () => {
    fc.assert(
      fc.property(state, state, fc.integer({ min: 1, max: 3 }), (before, now, perFile) => {
        const full: FullContents<ReturnType<typeof files>[number]> = { inventory: inventory(before), artifacts: files(before, perFile) };
        const isUnchanged = unchangedSince(full);
        const anew = now.filter(({ schema, name, rows }) => !isUnchanged(schema, name, stream(rows)));
        const own = files(anew, perFile, firstSegment(full));
        const borrowed = borrowedFiles(full, inventory(now));
        expect(uncoveredTables(inventory(now), own, borrowed)).toEqual([]);
        const rowsOf = (at: readonly Table[], schema: string, name: string) => at.find((one) => one.schema === schema && one.name === name)?.rows;
        // What is loaded: own tables as they are now, the full's tables as they were then.
        const loaded = [...own.flatMap(({ schema, tables }) => tables.map((name) => `${schema}.${name}=${rowsOf(now, schema, name)}`)), ...borrowed.flatMap(({ schema, tables }) => tables.map((name) => `${schema}.${name}=${rowsOf(before, schema, name)}`))];
        expect(loaded.filter((text) => !text.endsWith("=0")).sort()).toEqual(now.filter(({ rows }) => rows > 0).map(({ schema, name, rows }) => `${schema}.${name}=${rows}`).sort());
        const names = [...own, ...full.artifacts].map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });

  it("store nothing where nothing changed, and everything where everything did", () => {
    fc.assert(
      fc.property(state, (tables) => {
        const plain = tables.filter(({ name }) => !name.includes("\n"));
        const full = { inventory: inventory(plain), artifacts: files(plain, 2) };
        const isUnchanged = unchangedSince(full);
        for (const { schema, name, rows } of plain) {
          expect(isUnchanged(schema, name, stream(rows))).toBe(true);
          expect(isUnchanged(schema, name, stream(rows + 1))).toBe(false);
          expect(isUnchanged(`${schema}x`, name, stream(rows))).toBe(false);
        }
        expect(changedShare(full.inventory, borrowedFiles(full, full.inventory))).toBe(0);
        expect(changedShare(full.inventory, [])).toBe(plain.some(({ rows }) => rows > 0) ? 1 : 0);
        expect(droppedTables(full.inventory, full.inventory)).toEqual([]);
        expect(droppedTables(full.inventory, { schemas: [] })).toHaveLength(plain.length);
      }),
    );
  });

  it("of a table in ranges, hold every range once, whatever was changed, cut otherwise or by another column", () => {
    fc.assert(
      fc.property(cutState, cutState, (before, now) => {
        const then = cutInventory(before);
        const full = { inventory: then, artifacts: cutFiles(then, () => true) };
        const present = cutInventory(now);
        const isUnchanged = unchangedSince(full);
        const own = cutFiles(present, (range, rows) => !isUnchanged("a", "large", rows, range), firstSegment(full));
        const borrowed = borrowedFiles(full, present);
        expect(uncoveredTables(present, own, borrowed)).toEqual([]);
        const [{ cut } = {}] = present.schemas[0]?.tables ?? [];
        const stored = [...own, ...borrowed].map(({ range }) => `${range.column} ${range.from} ${range.to}`).sort();
        expect(stored).toEqual((cut?.ranges ?? []).filter(({ stream: rows }) => rows && rows.bytes > 0).map(({ from, to }) => `${cut?.column} ${from} ${to}`).sort());
        if (JSON.stringify([before.cuts.map(String), before.column]) === JSON.stringify([now.cuts.map(String), now.column])) {
          // Stable ranges: those of which the digest differs, and no other.
          const changed = (cut?.ranges ?? []).filter(({ stream: rows }, index) => rows && rows.bytes > 0 && now.rows[index] !== before.rows[index]);
          expect(own).toHaveLength(changed.length);
        } else if (before.column !== now.column) expect(borrowed).toEqual([]);
        // The table as a whole is none of its ranges, and none of them is the table.
        expect(uncoveredTables(present, [...own, { name: "x", schema: "a", tables: ["large"] }], borrowed)).toEqual(["a.large"]);
      }),
    );
    expect(changedShare(cutInventory({ cuts: CUTS, column: "id", rows: [1, 1, 1, 1] }), [{ name: "x", schema: "a", tables: ["large"], range: { column: "id", from: null, to: "-10" } }])).toBe(0.75);
    expect(uncoveredTables(cutInventory({ cuts: CUTS.slice(0, 1), column: "id", rows: [1, 0, 0, 0] }), [], [])).toEqual(["a.large [, -10)"]);
  });

  it("a full without digests, without the file that held the table, or with other bytes of the same digest is no base for it", () => {
    const full = { inventory: inventory([{ schema: "a", name: "t", rows: 2 }]), artifacts: [] };
    expect(unchangedSince(full)("a", "t", stream(2))).toBe(false);
    const undigested = { inventory: { schemas: [{ name: "a", tables: [{ name: "t", stream: null }] }] }, artifacts: files([{ schema: "a", name: "t", rows: 2 }], 1) };
    expect(unchangedSince(undigested)("a", "t", stream(2))).toBe(false);
    const whole = { ...full, artifacts: undigested.artifacts };
    expect(unchangedSince(whole)("a", "t", stream(2))).toBe(true);
    expect(unchangedSince(whole)("a", "t", { ...stream(2), bytes: 21 })).toBe(false);
  });

  it("a table in no file or in two is named", () => {
    const now = inventory([{ schema: "a", name: "t", rows: 1 }, { schema: "a", name: "u", rows: 1 }, { schema: "a", name: "empty", rows: 0 }]);
    const file = { name: "200-data-00001-00001.sql.zst.gpg", schema: "a", tables: ["t"] };
    expect(uncoveredTables(now, [file], [])).toEqual(["a.u"]);
    expect(uncoveredTables(now, [file], [{ ...file, tables: ["t", "u"] }])).toEqual(["a.t"]);
  });

  it("a full is needed as long as one of its differentials is kept", () => {
    expect(dependants([{ id: "f1", parent: null }, { id: "d1", parent: "f1" }, { id: "d2", parent: "f1" }, { id: "f2", parent: null }])).toEqual(new Map([["f1", ["d1", "d2"]]]));
  });
});
