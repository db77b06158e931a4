export interface GuardLimits {
  /** An answer is slow from so many times the normal one. */
  readonly factor: number;
  /** No answer below is slow, ms. */
  readonly floorMs: number;
  /** All pauses together, ms. */
  readonly longestPauseMs: number;
}

/** `read`, `pause`, or `exhausted`: all pauses are used up, for good. */
export type GuardState = "read" | "pause" | "exhausted";

/** Answers that are judged together: one slow answer is nothing. */
const LOOKS = 5;
const MOST_CALM = 40;
/** Reading goes on when answers are well below what paused it: not at the first that is just below. */
const CALM_AGAIN = 0.7;

/**
 * Decides when a backup pauses because its server answers slowly: while the median of the last five answers lies above `factor` times what was normal before reading began. Pauses end
 * when it is well below, and at the latest when all of them together have lasted `longestPauseMs`. Times are of one monotonic clock, ms.
 */
export class LatencyGuard {
  readonly #limits: GuardLimits;
  readonly #calm: number[] = [];
  #recent: number[] = [];
  #pausedSince: number | null = null;
  #paused = 0;
  #exhausted = false;

  constructor(limits: GuardLimits) {
    this.#limits = limits;
  }

  /** An answer from before reading: what is normal. The first forty count. */
  calm(ms: number): void {
    if (this.#calm.length < MOST_CALM) this.#calm.push(ms);
  }

  /** Median of the answers before reading, null without any. */
  get normalMs(): number | null {
    return this.#calm.length === 0 ? null : median(this.#calm);
  }

  /** Median of the last answers while reading, null before the first. */
  get answerMs(): number | null {
    return this.#recent.length === 0 ? null : median(this.#recent);
  }

  /** Above this an answer is slow, ms. */
  get limitMs(): number {
    return Math.max(this.#limits.floorMs, this.#limits.factor * (this.normalMs ?? 0));
  }

  /** How long all pauses were together up to `at`, ms. */
  pausedMs(at: number): number {
    return this.#paused + (this.#pausedSince === null ? 0 : at - this.#pausedSince);
  }

  /** An answer while reading, or how long one is waited for by now. */
  look(ms: number): void {
    this.#recent = [...this.#recent, ms].slice(-LOOKS);
  }

  /** What to do from now on. */
  decide(at: number): GuardState {
    if (this.#exhausted) return "exhausted";
    if (this.#pausedSince === null) {
      if (this.#recent.length === LOOKS && median(this.#recent) > this.limitMs) this.#pausedSince = at;
    } else if (this.pausedMs(at) >= this.#limits.longestPauseMs) {
      this.#resume(at);
      this.#exhausted = true;
      return "exhausted";
    } else if (median(this.#recent) <= this.limitMs * CALM_AGAIN) this.#resume(at);
    return this.#pausedSince === null ? "read" : "pause";
  }

  #resume(at: number): void {
    this.#paused = this.pausedMs(at);
    this.#pausedSince = null;
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
