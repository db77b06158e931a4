import { describe, expect, it } from "vitest";
import { evenCuts, rangesBetween } from "#lib/domain/backup/key-ranges.ts";
import { keyIntervals } from "./key-intervals.ts";

/** How many of the keys each of the ranges holds that are made for a server with these keys, whose estimates are as InnoDB's. */
async function rowsOfRanges(keys: readonly bigint[], count: number, estimate?: (rows: number) => number): Promise<number[]> {
  const sorted = [...keys].sort((a, b) => (a < b ? -1 : 1));
  const within = (from: bigint | null, to: bigint | null): number => sorted.filter((key) => (from === null || key >= from) && (to === null || key < to)).length;
  const asked = estimate ?? ((rows: number) => Math.max(1, Math.min(rows, sorted.length / 2)));
  const intervals = await keyIntervals({ from: sorted[0] as bigint, to: (sorted.at(-1) as bigint) + 1n }, count, async ({ from, to }) => asked(within(from, to)));
  const ranges = rangesBetween(evenCuts(intervals, count));
  return ranges.map(({ from, to }) => within(from === null ? null : BigInt(from), to === null ? null : BigInt(to)));
}

const numbers = (count: number, key: (n: bigint) => bigint): bigint[] => Array.from({ length: count }, (_, n) => key(BigInt(n)));

describe("intervals of keys", () => {
  it.each([
    ["one after the other", numbers(4000, (n) => n)],
    ["negative ones as well", numbers(4000, (n) => n * 7n - 14_000n)],
    ["beyond what a number holds", numbers(4000, (n) => 2n ** 64n - 1n - n * 1_000_003n)],
    ["with one key far away at either end", [...numbers(4000, (n) => n), 2n ** 62n, -(2n ** 62n)]],
    ["in heaps with gaps", numbers(4000, (n) => (n % 4n) * 10n ** 15n + n)],
  ])("make ranges of like many rows: keys %s", async (_name, keys) => {
    const rows = await rowsOfRanges(keys, 4);
    expect(rows.reduce((sum, count) => sum + count, 0)).toBe(keys.length);
    expect(rows).toHaveLength(4);
    for (const count of rows) expect(Math.abs(count - keys.length / 4)).toBeLessThan(keys.length / 10);
  });

  it("end with whatever estimates say, and with fewer keys than ranges", async () => {
    expect((await rowsOfRanges(numbers(1000, (n) => n), 4, () => 0)).reduce((sum, count) => sum + count, 0)).toBe(1000);
    expect((await rowsOfRanges(numbers(1000, (n) => n), 4, () => 1e12)).reduce((sum, count) => sum + count, 0)).toBe(1000);
    expect((await rowsOfRanges([5n, 6n], 4)).reduce((sum, count) => sum + count, 0)).toBe(2);
    expect(await rowsOfRanges([5n], 4)).toEqual([1]);
  });
});
