/** A sealed file that a destination does not hold yet. Times in ms. */
export interface WaitingFile {
  /** Bytes of it that are not stored yet. */
  readonly bytes: number;
  /** How long they take at the pace that the destination has kept so far; null: it has shown none. */
  readonly storeMs: number | null;
  /** Since it was sealed. */
  readonly waitedMs: number;
  /** How long it took to be made. */
  readonly madeMs: number;
}

export type Codec = "zstd" | "gzip";

/** Levels that leave less than the one before, fastest first; `step` is a place in them. Of dumps zstd's 2 to 5 leave more than 1 does, 9 and 10 more than 8; beyond 11 a core makes 4 MB a second (decision 45). */
const LEVELS: Readonly<Record<Codec, readonly [number, ...number[]]>> = { zstd: [1, 6, 8, 11], gzip: [1, 4, 6, 9] };
/** So many rounds behind, the second level is begun, the third … */
const BEGUN_AT = [0.5, 1, 2] as const;
/** So few rounds behind it is left again. Between the two nothing changes, and so nothing goes back and forth. */
const LEFT_AT = [0.05, 0.25, 0.5] as const;
/** A round is what a file takes to be made, and at least this, ms: a disk that holds its breath is no slow destination. */
const SHORTEST_ROUND_MS = 4_000;
/** Fewer bytes than these are late for other reasons than their number. */
const LEAST_BYTES = 1024 * 1024;

/** The highest step there is. */
export const LAST_STEP = BEGUN_AT.length;

/** The level of a step: 0 is the fastest, {@link LAST_STEP} the highest. */
export function levelAt(codec: Codec, step: number): number {
  const levels = LEVELS[codec];
  return levels[step] ?? levels[0];
}

/**
 * How many rounds of work a destination is behind. Files come whole: one that keeps up stores each in the time in which the next one is made. So only what has waited for longer
 * than it took to be made is late.
 */
export function roundsBehind(waiting: Iterable<WaitingFile>): number {
  let late = 0;
  let rounds = 0;
  for (const { bytes, storeMs, waitedMs, madeMs } of waiting) {
    const round = Math.max(SHORTEST_ROUND_MS, madeMs);
    if (waitedMs <= round || storeMs === null) continue;
    late += bytes;
    rounds += storeMs / round;
  }
  return late < LEAST_BYTES ? 0 : rounds;
}

/**
 * The step for the file that begins now: one higher while the slowest destination is far behind, since the processor has time until it catches up; one lower where the processor is what is
 * waited for. To be asked again when a file of the step so far is whole: before that nothing shows what it did.
 */
export function nextStep(step: number, behind: number): number {
  if (step < LAST_STEP && behind >= (BEGUN_AT[step] ?? 0)) return step + 1;
  if (step > 0 && behind < (LEFT_AT[step - 1] ?? 0)) return step - 1;
  return step;
}
