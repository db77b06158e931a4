import fc from "fast-check";
import { expect, it } from "vitest";
import { DumpVolume } from "./dump-volume.ts";

const PAGE = 16 * 1024;
const tables = (sizes: readonly number[]) => new Map(sizes.map((bytes, index) => [`t${index}`, bytes] as const));

it("learns that small tables are mostly empty pages, and keeps that apart from the large ones", () => {
  const volume = new DumpVolume(tables([...Array.from({ length: 1000 }, () => PAGE), 1e9]));
  expect(volume.bytesTotal).toBeGreaterThan(1e9 + 900 * PAGE);
  for (let index = 0; index < 500; index += 1) {
    volume.add(`t${index}`, 200);
    volume.finish(`t${index}`);
  }
  expect(volume.bytesTotal - 1e9).toBeLessThan(0.05 * 1000 * PAGE);
  expect(volume.bytesTotal).toBeGreaterThan(0.99e9);
  expect([volume.tablesDone, volume.tables]).toEqual([500, 1001]);
});

it("learns from large tables how text and pages compare", () => {
  const volume = new DumpVolume(tables([1e9, 1e9]));
  volume.add("t0", 0.5e9);
  expect(volume.bytesTotal).toBeCloseTo(2e9, -3);
  volume.finish("t0");
  expect(volume.bytesTotal / 1e9).toBeCloseTo(1, 1);
  volume.add("t1", 0.9e9);
  expect(volume.bytesTotal).toBeGreaterThanOrEqual(1.4e9);
});

it("the total is never less than what is done, and is that at the end", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 5e6 }), fc.nat({ max: 5e6 })), { maxLength: 20 }), (pairs) => {
      const volume = new DumpVolume(tables(pairs.map(([said]) => said)));
      for (const [index, [, came]] of pairs.entries()) {
        for (const part of [came / 2, came - came / 2]) volume.add(`t${index}`, part);
        expect(volume.bytesTotal).toBeGreaterThanOrEqual(volume.bytesDone);
        volume.finish(`t${index}`);
      }
      expect(volume.bytesTotal).toBe(volume.bytesDone);
    }),
  );
});
