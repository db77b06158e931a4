import { quoteName } from "./sql-name.ts";

/**
 * Values of the first column of a primary key, an integer: `from` belongs to the range, `to` does not, null is open. Decimal text, since a key may pass 2^53.
 */
export interface KeyRange {
  readonly from: string | null;
  readonly to: string | null;
}

/** A range of the rows of one table. */
export interface TableRange extends KeyRange {
  readonly column: string;
}

/** The ranges that the cut points, in ascending order, make: together every integer once. No cut point: one range, open on both sides. */
export function rangesBetween(cuts: readonly bigint[]): KeyRange[] {
  const ends = [null, ...cuts.map(String), null];
  return ends.slice(1).map((to, index) => ({ from: ends[index] ?? null, to }));
}

/** Do these ranges, in their order, hold every integer exactly once? */
export function areWhole(ranges: readonly KeyRange[]): boolean {
  return ranges.length > 0 && ranges.every(({ from, to }, index) => {
    const next = ranges[index + 1];
    const begins = index === 0 ? from === null : from !== null;
    const ends = next ? to !== null && to === next.from : to === null;
    return begins && ends && (from === null || to === null || BigInt(from) < BigInt(to));
  });
}

/** The rows of the range as an SQL condition: bounds are decimal integers by the manifest's schema, and are made so again here. */
export function rangeCondition({ column, from, to }: TableRange): string {
  const name = quoteName(column);
  const bounds = [...(from === null ? [] : [`${name} >= ${BigInt(from)}`]), ...(to === null ? [] : [`${name} < ${BigInt(to)}`])];
  return bounds.length > 0 ? bounds.join(" AND ") : "1 = 1";
}

/** Between these keys the server expects so many rows: from `from` on, up to the next interval. */
export interface KeyInterval {
  readonly from: bigint;
  readonly rows: number;
}

/** Cut points for about `count` ranges of like many rows, each at the beginning of one of the intervals (ascending). Fewer where the intervals are too few. */
export function evenCuts(intervals: readonly KeyInterval[], count: number): bigint[] {
  const total = intervals.reduce((sum, { rows }) => sum + rows, 0);
  const cuts: bigint[] = [];
  let before = 0;
  for (const [index, { from, rows }] of intervals.entries()) {
    // Half of what comes may lie on the other side: the nearer end of the interval is the cut.
    if (index > 0 && cuts.length < count - 1 && before + rows / 2 > ((cuts.length + 1) * total) / count) cuts.push(from);
    before += rows;
  }
  return cuts;
}
