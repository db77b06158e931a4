import { expect, it } from "vitest";
import { isStep, stepsBetween, stepsOf } from "./clock-steps.ts";

const second = (at: number): string => String(BigInt(at) * 1_000_000n);
const file = (name: string, first: number | null, last: number | null, latest = last, epoch = 1) => ({
  serverUuid: "u", epoch, file: name, content: { firstCommitAt: first === null ? null : second(first), lastCommitAt: last === null ? null : second(last), latestCommitAt: latest === null ? null : second(latest) },
});

it("is a step from two seconds on: less are sessions that overtake each other", () => {
  expect(isStep(second(10), second(8))).toBe(true);
  expect(isStep(second(10), "8000001")).toBe(false);
  expect(isStep(second(8), second(10))).toBe(false);
});

it("stands between two files of one epoch, over files without transactions, and not between epochs", () => {
  const files = [file("b.1", 10, 20), file("b.2", null, null), file("b.3", 15, 30), file("b.1", 5, 6, 6, 2)];
  expect(stepsBetween(files)).toEqual([{ from: second(20), to: second(15), file: "b.3", start: null }]);
});

it("is told of a file that ends earlier than it once was, without its place", () => {
  expect(stepsOf([file("b.1", 10, 20, 100), file("b.2", 20, 30)])).toEqual([{ from: second(100), to: second(20), file: "b.1", start: null }]);
  expect(stepsOf([file("b.1", 10, 20), file("b.2", 20, 30)])).toEqual([]);
});
