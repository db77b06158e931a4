/** A hundred times a second: the disk that is read, and that others wait for, is never asked for much at a time. */
export const STEP_MS = 10;
/** While reading is held back, bytes a second: neither server may take the other one for gone (30 to 60 s without a byte), whatever is buffered between them. */
const HELD_BYTES = 128 * 1024;

/** How fast something may be read, from one moment to the next. */
export interface Speed {
  /** Null: as fast as it comes; 0: held back. */
  readonly bytesPerSecond: number | null;
}

/** What may be read in each step. What was read beyond it is taken off the next ones; what was not read is not saved up, so that no burst follows a pause. */
export class Meter {
  readonly #speed: Speed;
  #left: number;

  constructor(speed: Speed) {
    this.#speed = speed;
    this.#left = this.#perStep();
  }

  /** May more be read now? */
  get open(): boolean {
    return this.#left > 0;
  }

  /** So many bytes were read. */
  take(bytes: number): void {
    this.#left -= bytes;
  }

  /** The next step begins. */
  step(): void {
    const more = this.#perStep();
    this.#left = Math.min(more, Math.min(this.#left, more) + more);
  }

  #perStep(): number {
    const { bytesPerSecond } = this.#speed;
    return bytesPerSecond === null ? Number.POSITIVE_INFINITY : ((bytesPerSecond || HELD_BYTES) * STEP_MS) / 1000;
  }
}
