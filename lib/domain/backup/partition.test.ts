import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rangesBetween, type TableRange } from "./key-ranges.ts";
import { type DumpShare, partitionTables, type SizedTable } from "./partition.ts";

const MB = 1024 * 1024;

/** Every table that a share makes the dump program read. */
function tablesOf(share: DumpShare, all: readonly SizedTable[]): string[] {
  const { range } = share.kind === "tables" ? share : {};
  if (share.kind === "tables") return share.tables.map((name) => JSON.stringify([share.schema, name, ...(range ? [range] : [])]));
  return all.filter((table) => share.schemas.includes(table.schema)).map((table) => JSON.stringify([table.schema, table.name]));
}

const anyTables = fc
  .array(fc.record({ schema: fc.constantFrom("a", "A", "b", "c/d", "`", "-x"), name: fc.string({ minLength: 1, maxLength: 6 }), bytes: fc.oneof(fc.constant(0), fc.nat({ max: 4000 }), fc.nat({ max: 2 ** 40 })) }), { maxLength: 60 })
  .map((tables) => tables.map((table) => ({ ...table, ranges: undefined as TableRange[] | undefined })))
  .map((tables) => [...new Map(tables.map((table) => [JSON.stringify([table.schema, table.name]), table])).values()]);

describe("partitionTables", () => {
  it("puts every table into exactly one share, whatever the sizes", () => {
    fc.assert(
      fc.property(anyTables, fc.array(fc.nat({ max: 60 }), { maxLength: 4 }), fc.integer({ min: 1, max: 32 }), fc.subarray(["a", "A", "b", "c/d", "`", "-x"]), (plain, cut, streams, named) => {
        const ranges = rangesBetween([3n, 7n]).map((range) => ({ column: "id", ...range }));
        const tables = plain.map((table, index) => (cut.includes(index) ? { ...table, ranges } : table));
        const shares = partitionTables(tables, streams, new Set(named));
        const pieces = tables.flatMap((table) => (table.ranges ? table.ranges.map((range) => JSON.stringify([table.schema, table.name, range])) : [JSON.stringify([table.schema, table.name])]));
        expect(shares.flatMap((share) => tablesOf(share, tables)).sort()).toEqual(pieces.sort());
        expect(shares.reduce((sum, share) => sum + share.bytes, 0)).toBeCloseTo(tables.reduce((sum, table) => sum + table.bytes, 0), -1);
        // What a share passes over names every other table of the schema: those in ranges as well.
        for (const share of shares) if (share.kind === "tables" && share.omit) expect([...share.omit, ...share.tables].sort()).toEqual(tables.filter(({ schema }) => schema === share.schema).map(({ name }) => name).sort());
        for (const share of shares) {
          if (share.kind === "tables") expect(share.tables.length).toBeGreaterThan(0);
          else for (const schema of share.schemas) expect(named).not.toContain(schema);
        }
        expect(shares.map((share) => share.bytes)).toEqual(shares.map((share) => share.bytes).sort((a, b) => b - a));
      }),
      { numRuns: 500 },
    );
  });

  it("makes shares of like size: none larger than its fair part and its largest table together", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 8 }), (sizes, streams) => {
        const tables = sizes.map((bytes, index) => ({ schema: "s", name: `t${index}`, bytes }));
        const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
        for (const share of partitionTables(tables, streams)) expect(share.bytes).toBeLessThanOrEqual(total / streams + Math.max(...sizes));
      }),
    );
  });

  it("cuts the large schema by table and groups the small ones", () => {
    const shares = partitionTables(
      [
        { schema: "big", name: "one", bytes: 400 * MB },
        { schema: "big", name: "two", bytes: 390 * MB },
        { schema: "small", name: "x", bytes: 1 * MB },
        { schema: "tiny", name: "y", bytes: 1 * MB },
      ],
      3,
    );
    expect(shares).toEqual([
      { kind: "tables", schema: "big", tables: ["one"], omit: null, bytes: 400 * MB, unsorted: false },
      { kind: "tables", schema: "big", tables: ["two"], omit: null, bytes: 390 * MB, unsorted: false },
      { kind: "schemas", schemas: ["small", "tiny"], bytes: 2 * MB, unsorted: false },
    ]);
  });

  it("never has a table sorted because another one must be, nor one unsorted that must be sorted", () => {
    fc.assert(
      fc.property(anyTables, fc.integer({ min: 1, max: 8 }), fc.nat({ max: 3 ** 12 }), (plain, streams, salt) => {
        const kinds = ["by-key", "as-put-in", undefined] as const;
        const tables = plain.map((table, index) => ({ ...table, unsorted: kinds[Math.floor(salt / 3 ** (index % 12)) % 3] }));
        const kindOf = new Map(tables.map((table) => [JSON.stringify([table.schema, table.name]), table.unsorted]));
        for (const share of partitionTables(tables, streams)) {
          const found = new Set(tablesOf(share, tables).map((key) => kindOf.get(key)));
          // A small schema may be sorted with others where that does no harm.
          if (share.unsorted) expect(found).not.toContain(undefined);
          else expect(found).not.toContain("as-put-in");
          if (share.kind === "tables" && !share.unsorted) expect(found).not.toContain("by-key");
        }
      }),
    );
  });

  it("makes few shares more where one small table must be sorted", () => {
    const tables = [400, 300, 200, 100, 1].map((size, index) => ({ schema: "s", name: `t${index}`, bytes: size * MB, unsorted: index < 4 ? ("by-key" as const) : undefined }));
    expect(partitionTables(tables, 2).map((share) => share.kind === "tables" && share.tables)).toEqual([["t0", "t3"], ["t1", "t2"], ["t4"]]);
  });

  it("tells many tables by what is passed over, unless the programs would mix names up or something must stay out", () => {
    const many = (name: (index: number) => string, schema = "s") => Array.from({ length: 100 }, (_, index) => ({ schema, name: name(index), bytes: 1000 }));
    const omitted = (tables: SizedTable[], never: string[] = []) => partitionTables(tables, 2, new Set(never)).map((share) => (share.kind === "tables" ? (share.omit?.length ?? null) : "whole"));
    expect(omitted(many((index) => `t_${index}`))).toEqual([50, 50]);
    for (const share of partitionTables(many((index) => `t_${index}`), 2)) {
      if (share.kind === "tables") expect([...share.tables, ...(share.omit ?? [])].sort()).toEqual(many((index) => `t_${index}`).map(({ name }) => name).sort());
    }
    expect(omitted(many((index) => `t_${index}`), ["s"])).toEqual([null, null]);
    expect(omitted(many((index) => (index === 7 ? "perché" : `t_${index}`)))).toEqual([null, null]);
    expect(omitted(many((index) => (index === 7 ? "T_8" : `t_${index}`)))).toEqual([null, null]);
    expect(omitted(many((index) => `t_${index}`, "s.t"))).toEqual([null, null]);
  });

  it("keeps every argument list under the kernel's limit, also with 40,000 tables in one share", () => {
    const tables = Array.from({ length: 40_000 }, (_, index) => ({ schema: "s", name: `a-table_with_a_rather_long_name_of_its_own_${index}`, bytes: 16_384 }));
    for (const share of partitionTables(tables, 1)) {
      const argv = share.kind === "tables" ? share.tables.reduce((sum, name) => sum + Buffer.byteLength(name) + 9, 0) : 0;
      expect(argv).toBeLessThan(2 * MB);
      expect(argv).toBeGreaterThan(0);
    }
  });

  it("gives nothing for nothing", () => {
    expect(partitionTables([], 4)).toEqual([]);
  });
});
