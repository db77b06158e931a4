import { afterEach, describe, expect, it, vi } from "vitest";
import { behind, Turns } from "./turns.ts";

afterEach(() => void vi.useRealTimers());

/** A source that gives a piece as soon as it is asked. */
async function* pieces(count: number): AsyncGenerator<number> {
  for (let n = 0; n < count; n += 1) yield n;
}

/** A source that fails before its first piece. */
const failed: AsyncIterable<number> = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("its child ended")) }) };

/** Reads it in the background: how many pieces came so far, and whether it ended. */
function reading(source: AsyncIterable<number>) {
  const seen = { pieces: 0, ended: false };
  const done = (async () => {
    for await (const _ of source) seen.pieces += 1;
    seen.ended = true;
  })();
  return { seen, done };
}

describe("a gate", () => {
  it("lets nothing be asked of a source before it is open", async () => {
    const gate = Promise.withResolvers<void>();
    let asked = 0;
    const source = reading(behind(gate.promise, (async function* () {
      asked += 1;
      yield 1;
      yield 2;
    })()));
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toBe(0);
    gate.resolve();
    await source.done;
    expect([asked, source.seen.pieces]).toEqual([1, 2]);
  });
});

describe("turns", () => {
  it("go in order: one that waits is kept alive, and read to its end when an earlier one has ended", async () => {
    vi.useFakeTimers();
    const turns = new Turns(1);
    const stop = Promise.withResolvers<void>();
    const first = reading(turns.read((async function* () {
      yield 0;
      await stop.promise;
    })()));
    const [second, third] = [reading(turns.read(pieces(5))), reading(turns.read(pieces(5)))];
    await vi.advanceTimersByTimeAsync(1);
    expect([first, second, third].map(({ seen }) => seen.pieces)).toEqual([1, 0, 0]);
    await vi.advanceTimersByTimeAsync(31_000);
    expect([first, second, third].map(({ seen }) => seen.pieces)).toEqual([1, 2, 2]);
    stop.resolve();
    await Promise.all([first.done, second.done, third.done]);
    expect([first, second, third].map(({ seen }) => seen)).toEqual([{ pieces: 1, ended: true }, { pieces: 5, ended: true }, { pieces: 5, ended: true }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("are given on by who fails or stops early, also while it waits", async () => {
    const turns = new Turns(1);
    const hold = turns.read(pieces(3));
    await hold.next();
    const failing = reading(turns.read(failed));
    await expect(failing.done).rejects.toThrow("its child ended");
    const last = reading(turns.read(pieces(3)));
    await hold.return(undefined);
    await last.done;
    expect(last.seen).toEqual({ pieces: 3, ended: true });
  });
});
