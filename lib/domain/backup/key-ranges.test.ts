import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { areWhole, evenCuts, type KeyRange, rangeCondition, rangesBetween } from "./key-ranges.ts";

/** Any key of any integer type, signed or not. */
const anyKey = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), fc.bigInt({ min: -5n, max: 5n }), fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }), fc.constantFrom(-(2n ** 63n), 2n ** 64n - 1n));
const anyCuts = fc.uniqueArray(anyKey, { maxLength: 8 }).map((keys) => keys.sort((a, b) => (a < b ? -1 : 1)));

const holds = ({ from, to }: KeyRange, key: bigint): boolean => (from === null || key >= BigInt(from)) && (to === null || key < BigInt(to));

/** What the condition says, as a server reads it. */
function conditionHolds(condition: string, column: string, key: bigint): boolean {
  return condition.split(" AND ").every((part) => {
    if (part === "1 = 1") return true;
    const [, sign, bound = ""] = /^(?:.*) (>=|<) (-?\d+)$/s.exec(part) ?? [];
    expect(part.startsWith(`\`${column.replaceAll("`", "``")}\` `)).toBe(true);
    return sign === ">=" ? key >= BigInt(bound) : key < BigInt(bound);
  });
}

describe("ranges of a primary key", () => {
  it("hold every key once, below the first cut and beyond the last as well, and their conditions say the same", () => {
    fc.assert(
      fc.property(anyCuts, fc.array(anyKey, { minLength: 1 }), fc.constantFrom("id", "it's `so` è", 'a"b\\c'), (cuts, keys, column) => {
        const ranges = rangesBetween(cuts);
        expect(ranges).toHaveLength(cuts.length + 1);
        expect(areWhole(ranges)).toBe(true);
        for (const key of [...keys, ...cuts, ...cuts.map((cut) => cut - 1n)]) {
          expect(ranges.filter((range) => holds(range, key))).toHaveLength(1);
          for (const range of ranges) expect(conditionHolds(rangeCondition({ column, ...range }), column, key)).toBe(holds(range, key));
        }
      }),
    );
  });

  it("with a hole, an overlap, an end, another order or an empty range are not whole", () => {
    fc.assert(
      fc.property(anyCuts.filter((cuts) => cuts.length > 1), fc.nat(), (cuts, at) => {
        const ranges = rangesBetween(cuts);
        const index = at % ranges.length;
        expect(areWhole(ranges.toSpliced(index, 1))).toBe(false);
        expect(areWhole(ranges.toSpliced(index, 0, ranges[index] as KeyRange))).toBe(false);
        expect(areWhole(ranges.toReversed())).toBe(false);
        expect(areWhole(ranges.slice(0, -1))).toBe(false);
        const { from, to } = ranges[index] as KeyRange;
        if (to !== null) expect(areWhole(ranges.with(index, { from, to: String(BigInt(to) + 1n) }))).toBe(false);
      }),
    );
    expect(areWhole([])).toBe(false);
    expect(areWhole([{ from: null, to: "5" }, { from: "5", to: "5" }, { from: "5", to: null }])).toBe(false);
    expect(areWhole([{ from: null, to: null }])).toBe(true);
  });

  it("refuse a bound that is no integer, whoever wrote it", () => {
    expect(() => rangeCondition({ column: "id", from: "1 OR 1 = 1", to: null })).toThrow(SyntaxError);
  });

  it("are even by rows, not by keys, and ascend", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ step: fc.bigInt({ min: 1n, max: 2n ** 60n }), rows: fc.nat({ max: 1000 }) }), { minLength: 1, maxLength: 60 }), fc.integer({ min: 2, max: 9 }), (steps, count) => {
        let from = -(2n ** 62n);
        const intervals = steps.map(({ step, rows }) => {
          from += step;
          return { from, rows };
        });
        const cuts = evenCuts(intervals, count);
        expect(cuts.length).toBeLessThan(count);
        expect(areWhole(rangesBetween(cuts))).toBe(true);
        const total = steps.reduce((sum, { rows }) => sum + rows, 0);
        const largest = Math.max(...steps.map(({ rows }) => rows));
        for (const range of rangesBetween(cuts)) {
          const rows = intervals.filter((interval) => holds(range, interval.from)).reduce((sum, interval) => sum + interval.rows, 0);
          expect(rows).toBeLessThanOrEqual(total / count + largest + 0.001);
        }
      }),
    );
  });
});
