/** One that waits is still read a little: the server ends a connection that takes nothing for a minute (net_write_timeout). */
const ALIVE_MS = 15_000;

/**
 * Lets so many of several sources be read at full speed, in the order in which they asked; the others are kept alive by a piece every 15 s. Pieces pass as they
 * are: each is valid until the next one is asked for.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  /** @param atOnce sources read at full speed */
  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** The source, at the speed of its turn. It asks for one when it is read first, and gives it back at its end. */
  async *read<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
    let mine = false;
    const turn = Promise.withResolvers<void>();
    const grant = (): void => {
      mine = true;
      turn.resolve();
    };
    if (this.#free > 0) {
      this.#free -= 1;
      grant();
    } else this.#waiting.push(grant);
    try {
      for await (const piece of source) {
        if (!mine) await within(turn.promise, ALIVE_MS);
        yield piece;
      }
    } finally {
      if (mine) this.#next();
      else this.#waiting.splice(this.#waiting.indexOf(grant), 1);
    }
  }

  #next(): void {
    const grant = this.#waiting.shift();
    if (grant) grant();
    else this.#free += 1;
  }
}

/** The source, not before the gate is open. */
export async function* behind<T>(gate: Promise<void>, source: AsyncIterable<T>): AsyncGenerator<T> {
  await gate;
  yield* source;
}

async function within(promise: Promise<void>, milliseconds: number): Promise<void> {
  const timer = Promise.withResolvers<void>();
  const handle = setTimeout(timer.resolve, milliseconds);
  await Promise.race([promise, timer.promise]);
  clearTimeout(handle);
}
