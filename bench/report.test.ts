import { expect, test } from "vitest";
import { median, report } from "./report.ts";
import { parseSize } from "./size.ts";

const cost = (seconds: number, peakBytes = 1) => ({ seconds, cpuSeconds: 1, serverCpuSeconds: 1, peakBytes, peakTreeBytes: peakBytes, output: "" });
const facts = { dataBytes: 1e9, runs: 3, machine: "m", server: "s", node: "n", peer: { whyNot: "not here" } };

test("a ratio above 1 means that ours is faster", () => {
  const { json } = report({ script_full: [cost(40), cost(10), cost(20)], salvagente_full: [cost(5, 7), cost(4, 9), cost(100, 8)], bare_dump: [cost(4)] }, facts);
  expect(json).toMatchObject({ full_vs_script: 4, full_vs_bare_dump: 0.8, peak_bytes: 9 });
});

test("a restore has its ratio under both names", () => {
  expect(report({ script_restore: [cost(30)], salvagente_restore: [cost(12)] }, facts).json).toMatchObject({ restore_vs_script: 2.5, logical_restore_vs_script: 2.5 });
});

test("a ratio is left out when one side was not measured", () => {
  expect(report({ script_full: [cost(1)] }, facts).json).not.toHaveProperty("full_vs_script");
});

test("median of odd and even counts", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});

test("sizes", () => {
  expect(parseSize("1g")).toBe(1e9);
  expect(parseSize("1.5G")).toBe(1.5e9);
  expect(parseSize("250m")).toBe(2.5e8);
  for (const wrong of ["1", "g", "-1g", "1 g", "1gb"]) expect(() => parseSize(wrong)).toThrow("--size");
});
