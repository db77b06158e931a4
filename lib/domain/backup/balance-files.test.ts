import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { balanceFiles, partCount } from "./balance-files.ts";

const files = fc.uniqueArray(fc.record({ path: fc.string({ minLength: 1 }), bytes: fc.nat(1e9) }), { selector: ({ path }) => path, maxLength: 60 });

describe("files shared out among archive parts", () => {
  it("puts each file into exactly one part", () => {
    fc.assert(fc.property(files, fc.integer({ min: 1, max: 8 }), (all, parts) => {
      const shared = balanceFiles(all, parts);
      expect(shared.flat().map(({ path }) => path).sort()).toEqual(all.map(({ path }) => path).sort());
      expect(shared.length).toBeGreaterThanOrEqual(1);
      expect(shared.length).toBeLessThanOrEqual(parts);
    }));
  });

  it("leaves no part heavier than the lightest by more than its largest file", () => {
    fc.assert(fc.property(files, fc.integer({ min: 2, max: 8 }), (all, parts) => {
      const shared = balanceFiles(all, parts);
      const cost = (share: readonly { bytes: number }[]): number => share.reduce((sum, { bytes }) => sum + bytes + 16384, 0);
      const lightest = Math.min(...shared.map(cost));
      for (const share of shared) {
        const largest = Math.max(0, ...share.map(({ bytes }) => bytes + 16384));
        expect(cost(share) - lightest).toBeLessThanOrEqual(largest);
      }
    }));
  });

  it("has the heaviest part first", () => {
    fc.assert(fc.property(files, fc.integer({ min: 1, max: 8 }), (all, parts) => {
      const costs = balanceFiles(all, parts).map((share) => share.reduce((sum, { bytes }) => sum + bytes + 16384, 0));
      expect(costs).toEqual(costs.toSorted((a, b) => b - a));
    }));
  });

  it("is as many parts as are packed at a time, more for large data, and never without end", () => {
    expect([0, 1e6, 400e6, 4e9, 400e9].map((bytes) => partCount(bytes, 2))).toEqual([2, 2, 2, 15, 32]);
  });

  it("is the same for the same files in any order", () => {
    const some = [{ path: "b", bytes: 5 }, { path: "a", bytes: 5 }, { path: "c", bytes: 1 }];
    expect(balanceFiles(some.toReversed(), 2)).toEqual(balanceFiles(some, 2));
  });
});
