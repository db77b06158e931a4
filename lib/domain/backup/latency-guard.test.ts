import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type GuardLimits, LatencyGuard } from "./latency-guard.ts";

const LIMITS: GuardLimits = { factor: 10, floorMs: 50, longestPauseMs: 5000 };
const STEP_MS = 250;

/** Decisions for answers that come every 250 ms. */
function decisions(guard: LatencyGuard, answers: readonly number[], from = 0): string[] {
  return answers.map((ms, index) => {
    guard.look(ms);
    return guard.decide(from + index * STEP_MS);
  });
}

function calmed(normal: number, limits: GuardLimits = LIMITS): LatencyGuard {
  const guard = new LatencyGuard(limits);
  for (let count = 0; count < 7; count += 1) guard.calm(normal);
  return guard;
}

describe("when a backup gives way", () => {
  it("pauses for answers ten times slower than before, and goes on when they are well below that", () => {
    const guard = calmed(10);
    expect(guard.limitMs).toBe(100);
    expect(decisions(guard, [10, 10, 150, 150, 150, 150])).toEqual(["read", "read", "read", "read", "pause", "pause"]);
    expect(decisions(guard, [80, 80, 80, 80, 80], 6 * STEP_MS), "just below is not calm").toEqual(["pause", "pause", "pause", "pause", "pause"]);
    expect(decisions(guard, [10, 10, 10], 11 * STEP_MS)).toEqual(["pause", "pause", "read"]);
    expect(guard.pausedMs(1e9)).toBe(9 * STEP_MS);
  });

  it("passes over single slow answers", () => {
    expect(new Set(decisions(calmed(10), [10, 900, 10, 900, 10, 10, 900, 10]))).toEqual(new Set(["read"]));
  });

  it("takes no answer for slow that a person would not", () => {
    expect(new Set(decisions(calmed(0.1), [40, 40, 40, 40, 40, 40]))).toEqual(new Set(["read"]));
  });

  it("has a limit without knowing what is normal", () => {
    expect(new LatencyGuard(LIMITS).limitMs).toBe(50);
    expect(new LatencyGuard(LIMITS).normalMs).toBeNull();
  });

  it("starves nobody: however slow the server stays, all pauses together last no longer than they may, and none begins after that", () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 40, maxLength: 400 }), fc.integer({ min: 1, max: 30 }), (answers, steps) => {
      const longestPauseMs = steps * STEP_MS;
      const guard = calmed(5, { ...LIMITS, longestPauseMs });
      const states = decisions(guard, [...answers, ...Array.from({ length: 5 }, () => 2000)]);
      expect(states.filter((state) => state === "pause").length).toBeLessThanOrEqual(steps);
      const end = states.indexOf("exhausted");
      if (end !== -1) expect(new Set(states.slice(end))).toEqual(new Set(["exhausted"]));
    }));
  });

  it("never pauses a server that stays below the limit", () => {
    fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { maxLength: 200 }), (answers) => {
      expect(decisions(calmed(10), answers).every((state) => state === "read")).toBe(true);
    }));
  });
});
