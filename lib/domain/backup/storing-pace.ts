/** Older than this counts half as much, ms: lines get faster and slower. */
const HALVED_AFTER_MS = 60_000;

/** How fast a destination takes bytes while it has any to take. Times are of one monotonic clock, ms. */
export class StoringPace {
  #bytes = 0;
  #ms = 0;
  #since: number | null = null;

  /** Something is on its way from now on. */
  begin(at: number): void {
    this.#since ??= at;
  }

  /** Nothing is on its way any more: until the next begin no time counts. */
  end(at: number): void {
    this.#ms += this.#running(at);
    this.#since = null;
  }

  passed(bytes: number, at: number): void {
    this.#bytes += bytes;
    const spent = this.#ms + this.#running(at);
    if (spent <= HALVED_AFTER_MS) return;
    this.#bytes /= 2;
    this.#ms = spent / 2;
    if (this.#since !== null) this.#since = at;
  }

  /** How long so many bytes take at this pace, ms; null before any passed. Where none pass any more, it grows. */
  timeFor(bytes: number, at: number): number | null {
    if (this.#bytes === 0) return null;
    return (bytes / this.#bytes) * (this.#ms + this.#running(at));
  }

  #running(at: number): number {
    return this.#since === null ? 0 : Math.max(0, at - this.#since);
  }
}
