import fc from "fast-check";
import { expect, it } from "vitest";
import { newestBands } from "./newest-bands.ts";

/** Bands of one second every ten, a gap behind each but the last. */
const windowOf = (count: number) => {
  const bands = Array.from({ length: count }, (_, index) => ({ from: String(index * 10), to: String(index * 10 + 1) }));
  const gaps = bands.slice(1).map((next, index) => ({ from: String(index * 10 + 1), to: next.from, reason: "missing-files" as const, about: `binlog.${index}` }));
  return { bands, gaps };
};

it("keeps the newest bands and exactly the gaps between them", () => {
  fc.assert(
    fc.property(fc.nat(30), fc.integer({ min: 1, max: 30 }), (count, most) => {
      const all = windowOf(count);
      const kept = newestBands(all, most);
      expect(kept.bands).toEqual(all.bands.slice(-Math.min(most, count)).slice(0, count));
      expect(kept.gaps).toHaveLength(Math.max(0, kept.bands.length - 1));
      expect(kept.bands.length + kept.bandsLeftOut).toBe(count);
    }),
  );
});

it("keeps a gap that is open behind", () => {
  const { bands } = windowOf(2);
  const open = { from: "11", to: null, reason: "conflict" as const, about: "binlog.3" };
  expect(newestBands({ bands, gaps: [open] }, 1)).toEqual({ bands: [bands[1]], gaps: [open], bandsLeftOut: 1 });
});
