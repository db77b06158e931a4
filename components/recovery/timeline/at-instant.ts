import type { RecoveryReport } from "#lib/contract/archive/window.ts";
import type { TimelinePoint, TimelineView } from "#lib/contract/views/timeline.ts";
import { compareInstants } from "#lib/domain/binlog/recovery-window.ts";
import { type BoundaryRefusal, refuseInstant } from "#lib/domain/binlog/resolve-boundary.ts";

/** What standing at an instant means. */
export type AtInstant =
  /** It can be reached by replaying on top of `base`. */
  | { readonly kind: "reachable"; readonly base: TimelinePoint | null }
  /** A backup stands exactly there. */
  | { readonly kind: "point"; readonly base: TimelinePoint }
  /** Nothing reaches it; the nearest that can be, milliseconds. */
  | { readonly kind: "unreachable"; readonly reason: "in-future" | "after-last" | "before-oldest" | "in-gap" | "no-archive"; readonly gap: RecoveryReport["gaps"][number] | null; readonly nearest: readonly number[] };

/** Milliseconds → microseconds as the archive counts. */
export function microsOf(at: number): string {
  return String(BigInt(Math.floor(at)) * 1000n);
}

/** Microseconds in decimal text → milliseconds, rounded down. */
export function millisOf(micros: string): number {
  return Number(BigInt(micros) / 1000n);
}

/** @param at milliseconds since the epoch */
export function atInstant({ points, recovery, at: now }: TimelineView, at: number): AtInstant {
  const here = points.find((point) => Date.parse(point.at) === at && point.level !== "refused");
  if (here) return { kind: "point", base: here };
  const usable = points.filter(({ level }) => level !== "refused");
  const base = usable.findLast((point) => Date.parse(point.at) <= at) ?? null;
  if (!recovery || recovery.bands.length === 0) {
    const next = usable.find((point) => Date.parse(point.at) > at);
    return { kind: "unreachable", reason: "no-archive", gap: null, nearest: [base, next].flatMap((point) => (point ? [Date.parse(point.at)] : [])) };
  }
  const refusal = refuseInstant(microsOf(at), { bands: recovery.bands, gaps: recovery.gaps, now: microsOf(Date.parse(now)), origin: null });
  return refusal ? unreachable(refusal) : { kind: "reachable", base };
}

function unreachable(refusal: BoundaryRefusal): AtInstant {
  if (!("before" in refusal)) throw new Error("a time is never refused by its place");
  const nearest = [refusal.before, refusal.after].flatMap((micros, index) => (micros === null ? [] : [index === 0 ? millisOf(micros) : Math.ceil(Number(BigInt(micros)) / 1000)]));
  return { kind: "unreachable", reason: refusal.reason, gap: refusal.reason === "in-gap" ? (refusal.gap as RecoveryReport["gaps"][number]) : null, nearest };
}

/** Whole span that a timeline can show: from the oldest thing on it to the present. */
export function limitsOf({ points, recovery, events, at }: TimelineView): { from: number; to: number } {
  const to = Date.parse(at);
  const oldest = [points[0]?.at, events[0]?.at].flatMap((one) => (one ? [Date.parse(one)] : []));
  const band = recovery?.bands.toSorted((one, other) => compareInstants(one.from, other.from))[0];
  const from = Math.min(to - 3_600_000, ...oldest, ...(band ? [millisOf(band.from)] : []));
  return { from: from - (to - from) * 0.02, to };
}
