import { expect, it } from "vitest";
import type { LogFile } from "./session-plan.ts";
import { comesInSmallPieces } from "./stream-bursts.ts";

const at = (bytes: number, name = "binlog.000007"): LogFile => ({ name, bytes });

it("a stream that brings some hundred transactions a second is read in bursts", () => {
  expect(comesInSmallPieces(at(1_000_000), at(1_000_000 + 450 * 340))).toBe(true);
});

it.each([
  ["stands still", at(1_000_000), at(1_000_000)],
  ["brings a few transactions", at(1_000_000), at(1_000_000 + 50 * 340)],
  ["brings much at once", at(1_000_000), at(41_000_000)],
  ["has just begun", null, at(1_000_000)],
  ["has just begun another file", at(1_000_000), at(100_000, "binlog.000008")],
  ["has lost its file", at(1_000_000), null],
])("one that %s runs all the time", (_what, before, now) => {
  expect(comesInSmallPieces(before, now)).toBe(false);
});
