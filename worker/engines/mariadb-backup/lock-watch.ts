import { Fault } from "#lib/domain/fault/fault.ts";

const WANTED = /\b(?:Starting|Started) BACKUP STAGE (?!END)/;
const GRANTED = /\bAcquired locks for BACKUP STAGE (\w+)/;
const RELEASED = /\bAll tables unlocked/;

/** Follows the program's words about its locks, line by line: how long it has waited for one, and how long commits were held. */
export class LockWatch {
  /** Settles when a lock was not granted in time: LOCK_TIMEOUT. Never rejects. */
  readonly expired: Promise<Fault>;
  /** When commits went on again, as told by the clock that was given; null until then. */
  released: number | null = null;
  /** Milliseconds. */
  heldMs = 0;
  readonly #patienceMs: number;
  readonly #now: () => number;
  readonly #expire: (fault: Fault) => void;
  #timer: NodeJS.Timeout | undefined;
  #blockedSince: number | null = null;

  constructor(patienceMs: number, now: () => number) {
    this.#patienceMs = patienceMs;
    this.#now = now;
    const { promise, resolve } = Promise.withResolvers<Fault>();
    this.expired = promise;
    this.#expire = resolve;
  }

  read(line: string): void {
    const granted = GRANTED.exec(line)?.[1];
    if (granted === "BLOCK_COMMIT") this.#blockedSince = this.#now();
    if (granted) clearTimeout(this.#timer);
    else if (WANTED.test(line)) this.#wait();
    else if (RELEASED.test(line) && this.released === null) {
      this.released = this.#now();
      this.heldMs = this.#blockedSince === null ? 0 : this.released - this.#blockedSince;
    }
  }

  /** No lock is waited for any more. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#expire(new Fault("LOCK_TIMEOUT", { params: { seconds: this.#patienceMs / 1000 } })), this.#patienceMs);
  }
}
