import { expect, it } from "vitest";
import { inLanes } from "./in-lanes.ts";

const never = new AbortController().signal;

it("does everything once, no more at a time than there are lanes, and gives results in order", async () => {
  let running = 0;
  let most = 0;
  const results = await inLanes([5, 1, 4, 2, 3], 2, never, async (item, index) => {
    running += 1;
    most = Math.max(most, running);
    // Longer ones hold their lane for more turns: others overtake them.
    for (let turn = 0; turn < item; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return `${index}:${item}`;
  });
  expect(results).toEqual(["0:5", "1:1", "2:4", "3:2", "4:3"]);
  expect(most).toBe(2);
  expect(await inLanes([], 3, never, async () => 1)).toEqual([]);
});

it("ends the others at the first failure, begins no more, and throws it when all have ended", async () => {
  const begun: number[] = [];
  let ended = false;
  const reason = new Error("the second");
  const all = inLanes([0, 1, 2, 3], 2, never, async (item, _index, signal) => {
    begun.push(item);
    if (item === 1) throw reason;
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    expect(signal.reason).toBe(reason);
    await new Promise((resolve) => setImmediate(resolve));
    ended = true;
  });
  await expect(all).rejects.toBe(reason);
  expect({ begun, ended }).toEqual({ begun: [0, 1], ended: true });
});

it("hands on that the caller stops", async () => {
  const stop = new AbortController();
  const all = inLanes([1], 1, stop.signal, (_item, _index, signal) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true })));
  stop.abort(new Error("cancelled"));
  await expect(all).rejects.toThrow("cancelled");
});
