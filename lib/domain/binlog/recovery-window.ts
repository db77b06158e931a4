import { type BreakReason, type ChainFile, type Timeline, chain } from "./chain.ts";
import { type RecoveryPoint, startsIn } from "./starting-place.ts";

/** `not-archived`: the file that the point stands in is not there. `archive-ends`: nothing was archived behind. */
export type GapReason = BreakReason | "not-archived" | "archive-ends";

/** Instants that one point reaches with the files from its own on, in order. Empty files: the point restores to itself. */
export interface Reach<F extends ChainFile> {
  readonly point: string;
  readonly from: string;
  readonly to: string;
  readonly files: readonly F[];
  /** Why it reaches no further. */
  readonly until: { readonly reason: GapReason; readonly about: string };
}

export interface Band {
  readonly from: string;
  readonly to: string;
}

/** Instants that nothing reaches, both ends left out: the ends are the nearest that are possible. `to` null: open behind. */
export interface WindowGap {
  readonly from: string;
  readonly to: string | null;
  readonly reason: GapReason;
  readonly about: string;
}

export interface RecoveryWindow<F extends ChainFile> {
  /** Continuous stretches, in order, apart from each other. */
  readonly bands: readonly Band[];
  /** Between each two bands; behind the last one only where files stand that cannot be reached. */
  readonly gaps: readonly WindowGap[];
  readonly reaches: readonly Reach<F>[];
}

/**
 * From when to when a server can be brought back. A band ends at the last commit that the archive holds, not at the time of archiving: that
 * nothing was committed later is not proven.
 */
export function recoveryWindow<F extends ChainFile>(points: readonly RecoveryPoint[], files: readonly F[]): RecoveryWindow<F> {
  const timelines = chain(files);
  const reaches = points.map((point) => reachOf(point, timelines)).sort((one, other) => compareInstants(one.from, other.from) || compareInstants(one.to, other.to));
  const bands: { from: string; to: string; last: Reach<F> }[] = [];
  for (const reach of reaches) {
    const band = bands.at(-1);
    if (!band || compareInstants(reach.from, band.to) > 0) bands.push({ from: reach.from, to: reach.to, last: reach });
    else if (compareInstants(reach.to, band.to) >= 0) {
      band.to = reach.to;
      band.last = reach;
    }
  }
  const gaps = bands.flatMap(({ to, last }, index): WindowGap[] => {
    const next = bands[index + 1];
    const behind = last.until.reason !== "archive-ends" && last.until.reason !== "not-archived";
    return next || behind ? [{ from: to, to: next?.from ?? null, ...last.until }] : [];
  });
  return { bands: bands.map(({ from, to }) => ({ from, to })), gaps, reaches };
}

/** The newest point that reaches an instant: the least to replay. */
export function reachFor<F extends ChainFile>(window: RecoveryWindow<F>, at: string): Reach<F> | undefined {
  return window.reaches.findLast(({ from, to }) => compareInstants(from, at) <= 0 && compareInstants(at, to) <= 0);
}

/** Orders instants given as microseconds in decimal text. */
export function compareInstants(one: string, other: string): number {
  // As nearly always; this runs for every transaction of a log, and big numbers cost more than all the rest of it.
  if (one.length === other.length) return one < other ? -1 : one > other ? 1 : 0;
  const difference = BigInt(one) - BigInt(other);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function reachOf<F extends ChainFile>(point: RecoveryPoint, timelines: readonly Timeline<F>[]): Reach<F> {
  const alone = { point: point.id, from: point.takenAt, to: point.takenAt };
  const place = startsIn(point, timelines);
  if (!place) return { ...alone, files: [], until: { reason: "not-archived", about: point.coordinate?.file ?? "" } };
  const { timeline, stretch, file } = place;
  const files = (timeline.stretches[stretch] as readonly F[]).slice(file);
  const latest = files.flatMap(({ content }) => content.latestCommitAt ?? []).reduce((one, other) => (compareInstants(one, other) < 0 ? other : one), point.takenAt);
  const end = timeline.breaks[stretch];
  return { ...alone, to: latest, files, until: end ? { reason: end.reason, about: end.about } : { reason: "archive-ends", about: files.at(-1)?.file ?? "" } };
}
