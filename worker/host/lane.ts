/** Takes the one inside out again, once. */
export type Leave = () => void;

/** Lets one pass at a time, in the order in which they came. */
export class Lane {
  #busy = false;
  readonly #waiting: (() => void)[] = [];

  /** Enters at once, or null while somebody is inside. */
  tryEnter(): Leave | null {
    if (this.#busy) return null;
    this.#busy = true;
    return this.#leaveOnce();
  }

  /** Resolves when it is our turn; when the signal aborts first, at once and without having entered: look at the signal then. */
  async enter(signal: AbortSignal): Promise<Leave> {
    const leave = this.tryEnter();
    if (leave) return leave;
    const { promise, resolve } = Promise.withResolvers<Leave>();
    const turn = (): void => {
      signal.removeEventListener("abort", giveUp);
      resolve(this.#leaveOnce());
    };
    const giveUp = (): void => {
      this.#waiting.splice(this.#waiting.indexOf(turn), 1);
      resolve(() => undefined);
    };
    this.#waiting.push(turn);
    if (signal.aborted) giveUp();
    else signal.addEventListener("abort", giveUp, { once: true });
    return promise;
  }

  #leaveOnce(): Leave {
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      const next = this.#waiting.shift();
      if (next) next();
      else this.#busy = false;
    };
  }
}
