import type { KeyInterval } from "#lib/domain/backup/key-ranges.ts";

/** Intervals for each range that is wanted: so near to even do ranges come that begin at one. */
const PER_RANGE = 8;
/** Estimates asked for of one table; each takes the server a millisecond or less. */
const MOST_ASKED = 1000;

/** Keys from `from` up to before `to`. */
interface Keys {
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * Cuts keys in halves, always where most rows are expected, until no interval holds more than an eighth of a range: keys may lie with gaps of any size, a table of
 * 2^62 and of 1 to 1,000 as well. `estimate`: what the server expects between keys; rough, and of more than half a table always too few (InnoDB).
 */
export async function keyIntervals(whole: Keys, ranges: number, estimate: (keys: Keys) => Promise<number>): Promise<KeyInterval[]> {
  const intervals = [{ ...whole, rows: await estimate(whole) }];
  for (let asked = 1; asked < MOST_ASKED; asked += 2) {
    const total = intervals.reduce((sum, { rows }) => sum + rows, 0);
    const at = intervals.reduce((best, { from, to, rows }, index) => (to - from > 1n && rows > (intervals[best]?.rows ?? -1) ? index : best), -1);
    const largest = intervals[at];
    if (!largest || largest.rows <= total / (ranges * PER_RANGE)) break;
    const middle = largest.from + (largest.to - largest.from) / 2n;
    const halves = [{ from: largest.from, to: middle }, { from: middle, to: largest.to }];
    intervals.splice(at, 1, ...(await Promise.all(halves.map(async (keys) => ({ ...keys, rows: await estimate(keys) })))));
  }
  return intervals.map(({ from, rows }) => ({ from, rows }));
}
