import { type Band, compareInstants, type WindowGap } from "./recovery-window.ts";

/** What choosing a boundary needs to know of a transaction. */
export interface PlacedTransaction {
  readonly gtid: string | null;
  /** Microseconds since 1970, as decimal text. */
  readonly committedAt: string;
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Where to stop. `time`: everything committed up to and at the instant, until the first transaction in the order of the log that was committed
 * later. `position`: everything before it. `before-transaction`: by the place where it starts, for servers without GTIDs.
 */
export type BoundaryTarget =
  | { readonly kind: "latest" }
  | { readonly kind: "time"; readonly at: string }
  | { readonly kind: "before-gtid" | "after-gtid"; readonly gtid: string }
  | { readonly kind: "position"; readonly file: string; readonly position: number }
  | { readonly kind: "before-transaction"; readonly file: string; readonly start: number };

export interface Boundary<T extends PlacedTransaction> {
  /** Replay stops before this place; null: nothing is replayed on top of the point. */
  readonly stop: { readonly file: string; readonly position: number } | null;
  readonly lastIncluded: T | null;
  readonly firstExcluded: T | null;
  /** Left out although committed at or before the chosen instant: the server's clock was set back behind the boundary. */
  readonly excludedEarlier: number;
}

/**
 * `unknown`: no such GTID or place behind the point. `inside-transaction`: the position cuts one. Time refusals tell the nearest possible
 * instants, the others the nearest possible places.
 */
export type BoundaryRefusal =
  | { readonly ok: false; readonly reason: "in-future" | "after-last" | "before-oldest"; readonly before: string | null; readonly after: string | null }
  | { readonly ok: false; readonly reason: "in-gap"; readonly before: string; readonly after: string | null; readonly gap: WindowGap }
  | { readonly ok: false; readonly reason: "unknown" | "inside-transaction"; readonly nearest: readonly { readonly file: string; readonly position: number }[] };

export type BoundaryResult<T extends PlacedTransaction> = { readonly ok: true; readonly boundary: Boundary<T> } | BoundaryRefusal;

export interface BoundaryContext {
  readonly bands: readonly Band[];
  readonly gaps: readonly WindowGap[];
  /** Microseconds since 1970, as decimal text. */
  readonly now: string;
  /** Where the point stands that is restored: nothing before it can be reached by replay. Null where that is not known. */
  readonly origin: { readonly file: string; readonly position: number } | null;
}

/**
 * Resolves a target once, to an exact place. `transactions` begin behind the point that is restored and come in the order of the log; they
 * are read to their end for a time, so that what a clock set back hides is counted.
 */
export async function resolveBoundary<T extends PlacedTransaction>(target: BoundaryTarget, transactions: AsyncIterable<T> | Iterable<T>, context: BoundaryContext): Promise<BoundaryResult<T>> {
  if (target.kind === "time") {
    const refusal = refuseInstant(target.at, context);
    if (refusal) return refusal;
  }
  const place = target.kind === "position" ? target : target.kind === "before-transaction" ? { file: target.file, position: target.start } : undefined;
  const { origin } = context;
  if (origin && place?.file === origin.file && place.position < origin.position) return { ok: false, reason: "unknown", nearest: [origin] };
  const excludes = excludesFrom(target);
  let near: T | null = null;
  let lastIncluded: T | null = null;
  let firstExcluded: T | null = null;
  let excludedEarlier = 0;
  let found = target.kind === "latest" || target.kind === "time";
  for await (const transaction of transactions) {
    if (firstExcluded) {
      if (target.kind !== "time") break;
      if (compareInstants(transaction.committedAt, target.at) <= 0) excludedEarlier += 1;
      continue;
    }
    const decision = excludes(transaction, lastIncluded);
    if (decision === "cuts") return { ok: false, reason: "inside-transaction", nearest: [at(transaction, transaction.start), at(transaction, transaction.end)] };
    if (decision !== "goes-on") found = true;
    if (decision === "excluded") firstExcluded = transaction;
    else lastIncluded = transaction;
    if (!place || place.file === transaction.file) near = transaction;
  }
  if (!found) return { ok: false, reason: "unknown", nearest: near ? [at(near, near.end)] : [] };
  const stop = firstExcluded ? at(firstExcluded, firstExcluded.start) : lastIncluded ? at(lastIncluded, lastIncluded.end) : null;
  return { ok: true, boundary: { stop, lastIncluded, firstExcluded, excludedEarlier } };
}

/** Why an instant cannot be reached; undefined when it can. */
export function refuseInstant(instant: string, { bands, gaps, now }: BoundaryContext): BoundaryRefusal | undefined {
  const before = bands.findLast(({ from }) => compareInstants(from, instant) <= 0);
  const after = bands.find(({ from }) => compareInstants(from, instant) > 0)?.from ?? null;
  if (before && compareInstants(instant, before.to) <= 0) return undefined;
  if (compareInstants(instant, now) > 0) return { ok: false, reason: "in-future", before: before?.to ?? null, after: null };
  if (!before) return { ok: false, reason: "before-oldest", before: null, after };
  const gap = gaps.find(({ from }) => from === before.to);
  return gap ? { ok: false, reason: "in-gap", before: before.to, after, gap } : { ok: false, reason: "after-last", before: before.to, after: null };
}

/** `included-last`: it is what the target names, and stays in; `goes-on`: what the target names may still come. */
type Decision = "goes-on" | "included-last" | "excluded" | "cuts";

function excludesFrom(target: BoundaryTarget): (transaction: PlacedTransaction, previous: PlacedTransaction | null) => Decision {
  switch (target.kind) {
    case "latest":
      return () => "goes-on";
    case "time":
      return ({ committedAt }) => (compareInstants(committedAt, target.at) > 0 ? "excluded" : "goes-on");
    case "before-gtid": {
      const wanted = target.gtid.trim().toLowerCase();
      return ({ gtid }) => (gtid === wanted ? "excluded" : "goes-on");
    }
    case "after-gtid": {
      const wanted = target.gtid.trim().toLowerCase();
      return ({ gtid }, previous) => (gtid === wanted ? "included-last" : previous?.gtid === wanted ? "excluded" : "goes-on");
    }
    case "before-transaction":
      return ({ file, start }) => (file === target.file && start === target.start ? "excluded" : "goes-on");
    case "position":
      return ({ file, start, end }, previous) => {
        if (file !== target.file) return previous?.file === target.file && previous.end === target.position ? "excluded" : "goes-on";
        if (start >= target.position) return "excluded";
        return end > target.position ? "cuts" : end === target.position ? "included-last" : "goes-on";
      };
  }
}

function at({ file }: PlacedTransaction, position: number): { file: string; position: number } {
  return { file, position };
}
