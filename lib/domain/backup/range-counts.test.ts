import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MOST_RANGES, rangeCounts } from "./range-counts.ts";

const MB = 1024 * 1024;
const RANGE = 512 * MB;

function counts(sizes: Readonly<Record<string, number>>, streams = 2, rangeBytes = RANGE): Record<string, number> {
  const candidates = Object.entries(sizes).map(([key, bytes]) => ({ key, bytes }));
  return Object.fromEntries(rangeCounts(candidates, { total: candidates.reduce((sum, { bytes }) => sum + bytes, 0), streams, rangeBytes }));
}

describe("how many ranges a table is dumped in", () => {
  it("one, unless it is large or alone", () => {
    expect(counts({ a: 300 * MB, b: 300 * MB, c: 200 * MB, d: 200 * MB })).toEqual({});
    expect(counts({ a: 1024 * MB, b: 1024 * MB })).toEqual({});
    expect(counts({ a: 1100 * MB, b: 1024 * MB })).toEqual({ a: 3 });
    // Two streams, and one of them would be done at once.
    expect(counts({ a: 600 * MB, b: 10 * MB })).toEqual({ a: 4 });
    expect(counts({ a: 200 * MB, b: 10 * MB })).toEqual({});
    expect(counts({ a: 600 * MB }, 1)).toEqual({});
    expect(counts({ a: 5000 * MB }, 2, 0)).toEqual({});
  });

  it("never more in all than may be started; the largest pieces are cut first", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 2 ** 42 }), { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 2 ** 32 }), (sizes, streams, rangeBytes) => {
        const found = counts(Object.fromEntries(sizes.map((bytes, index) => [`t${index}`, bytes])), streams, rangeBytes);
        const values = Object.values(found);
        expect(values.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(MOST_RANGES);
        expect(values.every((count) => count >= 2)).toBe(true);
      }),
    );
    expect(counts({ huge: 2 ** 40, large: 2 ** 34 })).toEqual({ huge: MOST_RANGES });
    expect(Object.values(counts(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`t${index}`, 2 ** 34]))))).toHaveLength(MOST_RANGES / 2);
  });
});
