/** A table that may be cut, by any key, and the bytes that the server thinks it holds. */
export interface CutCandidate {
  readonly key: string;
  readonly bytes: number;
}

/** More children than this are not started for ranges: writers are held while each of them connects, some 15 ms, on a busy machine 40. */
export const MOST_RANGES = 12;

/** A table that would keep one child busy this many times as long as an even share of all: it is cut although it is not so large. */
const UNEVEN = 1.3;

/**
 * Into how many ranges each table is dumped; those that are not named stay whole. A table of more than twice `rangeBytes` is cut into ranges of that size; one of
 * half of it or more when it would keep its child busy long after the others ended. Where `most` ranges do not suffice, the largest pieces are cut first.
 * @param total bytes of all tables, those that cannot be cut included @param rangeBytes 0: nothing is cut
 */
export function rangeCounts(candidates: readonly CutCandidate[], plan: { readonly total: number; readonly streams: number; readonly rangeBytes: number; readonly most?: number }): Map<string, number> {
  const counts = new Map<string, number>();
  if (plan.rangeBytes <= 0) return counts;
  let left = plan.most ?? MOST_RANGES;
  const wanted = candidates.map(({ key, bytes }) => ({ key, bytes, wanted: wantedRanges(bytes, plan) })).filter((table) => table.wanted > 1);
  const pieceBytes = ({ key, bytes }: CutCandidate): number => bytes / (counts.get(key) ?? 1);
  for (;;) {
    const open = wanted.filter((table) => (counts.get(table.key) ?? 1) < table.wanted);
    const [first, ...others] = open;
    if (!first) return counts;
    const largest = others.reduce((best, table) => (pieceBytes(table) > pieceBytes(best) ? table : best), first);
    const now = counts.get(largest.key);
    left -= now === undefined ? 2 : 1;
    if (left < 0) return counts;
    counts.set(largest.key, (now ?? 1) + 1);
  }
}

function wantedRanges(bytes: number, { total, streams, rangeBytes }: { readonly total: number; readonly streams: number; readonly rangeBytes: number }): number {
  if (bytes > 2 * rangeBytes) return Math.ceil(bytes / rangeBytes);
  const fair = total / streams;
  return bytes >= rangeBytes / 2 && bytes > UNEVEN * fair ? Math.ceil(bytes / Math.max(fair / 2, rangeBytes / 4)) : 1;
}
