import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LAST_STEP, levelAt, nextStep, roundsBehind, type WaitingFile } from "./compression-level.ts";
import { StoringPace } from "./storing-pace.ts";

const MB = 1e6;
const LEVELS = [1, 6, 8, 11];
const steps = fc.integer({ min: 0, max: LAST_STEP });
const rounds = fc.double({ min: 0, max: 20, noNaN: true });

describe("the level that a file begins with", () => {
  it("is the fastest as long as nothing is late, and rises to the highest for a destination that stays behind", () => {
    const settled = (behind: number, from: number): number => Array.from({ length: 2 * LAST_STEP }).reduce<number>((step) => nextStep(step, behind), from);
    expect([levelAt("zstd", settled(0, 0)), levelAt("gzip", settled(0, LAST_STEP))]).toEqual([1, 1]);
    expect([levelAt("zstd", settled(10, 0)), levelAt("gzip", settled(10, 0))]).toEqual([11, 9]);
  });

  it("is one of those there are, the next one at most", () => {
    fc.assert(fc.property(steps, fc.double({ noNaN: true }), (step, behind) => {
      const next = nextStep(step, behind);
      expect(LEVELS).toContain(levelAt("zstd", next));
      expect(Math.abs(next - step)).toBeLessThanOrEqual(1);
    }));
  });

  it("is never lower for more that waits", () => {
    fc.assert(fc.property(steps, rounds, rounds, (step, less, more) => {
      expect(nextStep(step, Math.max(less, more))).toBeGreaterThanOrEqual(nextStep(step, Math.min(less, more)));
    }));
    const waiting = fc.array(fc.record({ bytes: fc.integer({ min: 0, max: 1e9 }), storeMs: fc.option(fc.integer({ min: 0, max: 1e6 })), waitedMs: fc.integer({ min: 0, max: 100_000 }), madeMs: fc.integer({ min: 0, max: 100_000 }) }));
    fc.assert(fc.property(waiting, waiting, (some, more) => {
      expect(roundsBehind([...some, ...more])).toBeGreaterThanOrEqual(roundsBehind(some));
    }));
  });

  it("does not go back and forth: what led up must be halved before it goes down again, and the other way round", () => {
    fc.assert(fc.property(steps, rounds, fc.double({ min: 0.51, max: 1, noNaN: true }), (step, behind, part) => {
      const next = nextStep(step, behind);
      if (next > step) expect(nextStep(next, behind * part)).toBeGreaterThanOrEqual(next);
      if (next < step) expect(nextStep(next, behind / part)).toBeLessThanOrEqual(next);
    }));
  });

  it("knows nothing of a destination that has shown no pace, and nothing of a handful of bytes", () => {
    const file: WaitingFile = { bytes: 2e6, storeMs: 40_000, waitedMs: 25_000, madeMs: 20_000 };
    expect(roundsBehind([file])).toBe(2);
    expect(roundsBehind([{ ...file, bytes: 10_000 }])).toBe(0);
    expect(roundsBehind([{ ...file, storeMs: null }])).toBe(0);
    expect(roundsBehind([{ ...file, waitedMs: 20_000 }]), "stored while the next one is made").toBe(0);
    expect(roundsBehind([{ ...file, madeMs: 10, waitedMs: 3000 }]), "a disk that holds its breath").toBe(0);
  });
});

/** What a backup at a level costs and leaves of dump text, against the fastest. */
const COST = [1, 1.45, 1.8, 3.1];
const LEFT = [1, 0.97, 0.93, 0.88];

interface Scene {
  readonly lanes: number;
  readonly files: number;
  /** Of each file at the fastest level, sealed. */
  readonly bytes: number;
  /** Of each lane at the fastest level, sealed bytes a second. */
  readonly makes: number;
  /** Of the destination, bytes a second. */
  readonly takes: number;
}

/** A backup in numbers: lanes make files one after the other, a destination takes them one after the other. Times in seconds. */
function simulated({ lanes, files, bytes, makes, takes }: Scene, adapts: boolean): { seconds: number; steps: number[]; stored: number } {
  const free = Array.from({ length: lanes }, () => 0);
  const made: { at: number; bytes: number; seconds: number; storedAt: number; begun: number }[] = [];
  const chosen: number[] = [];
  let step = 0;
  let storedAt = 0;
  let since = 0;
  let stored = 0;
  for (let file = 0; file < files; file += 1) {
    const lane = free.indexOf(Math.min(...free));
    const now = free[lane] ?? 0;
    const waiting = made.filter((one) => one.at <= now && one.storedAt > now).map((one): WaitingFile => {
      const left = Math.min(one.bytes / takes, one.storedAt - now);
      return { bytes: left * takes, storeMs: left * 1000, waitedMs: (now - one.at) * 1000, madeMs: one.seconds * 1000 };
    });
    if (adapts && made.some((one) => one.begun >= since && one.at <= now)) {
      const next = nextStep(step, roundsBehind(waiting));
      if (next !== step) since = now;
      step = next;
    }
    chosen.push(step);
    const seconds = (bytes / makes) * (COST[step] ?? 1);
    const size = bytes * (LEFT[step] ?? 1);
    free[lane] = now + seconds;
    // Files of equal work end in the order they begin, but for lanes at another level: those wait in the order made here.
    storedAt = Math.max(storedAt, now + seconds) + size / takes;
    stored += size;
    made.push({ begun: now, at: now + seconds, bytes: size, seconds, storedAt });
  }
  return { seconds: Math.max(storedAt, ...free), steps: chosen, stored };
}

describe("a backup with levels that adapt", () => {
  const scene = fc.record({ lanes: fc.integer({ min: 1, max: 8 }), files: fc.integer({ min: 5, max: 300 }), bytes: fc.integer({ min: MB, max: 300 * MB }), makes: fc.integer({ min: 5 * MB, max: 100 * MB }) });

  it("stays at the fastest level for a destination that takes what is made", () => {
    fc.assert(fc.property(scene, fc.double({ min: 1.05, max: 20, noNaN: true }), ({ lanes, makes, ...given }, faster) => {
      const { steps: chosen } = simulated({ ...given, lanes, makes, takes: lanes * makes * faster }, true);
      expect(new Set(chosen)).toEqual(new Set([0]));
    }));
  });

  it("ends hardly later than at the fastest level, and never sends more", () => {
    fc.assert(fc.property(scene, fc.double({ min: 0.02, max: 2, noNaN: true }), ({ lanes, makes, ...given }, faster) => {
      const whole = { ...given, lanes, makes, takes: lanes * makes * faster };
      const [adapted, fastest] = [simulated(whole, true), simulated(whole, false)];
      const last = (given.bytes / makes) * (COST[LAST_STEP] ?? 1);
      expect(adapted.seconds).toBeLessThanOrEqual(fastest.seconds * 1.1 + last);
      expect(adapted.stored).toBeLessThanOrEqual(fastest.stored);
    }));
  });

  it("reaches a level at which a destination that is a little slow keeps up, and a higher one for a slower one", () => {
    const given = { lanes: 2, files: 400, bytes: 20 * MB, makes: 20 * MB };
    const late = (takes: number): number[] => simulated({ ...given, takes }, true).steps.slice(-100);
    expect(Math.max(...late(38 * MB))).toBeLessThan(LAST_STEP);
    expect(new Set(late(4 * MB))).toEqual(new Set([LAST_STEP]));
  });
});

describe("the pace of a destination", () => {
  it("counts only the time in which something was on its way", () => {
    const pace = new StoringPace();
    expect(pace.timeFor(10, 0)).toBeNull();
    pace.begin(1000);
    pace.passed(500, 1500);
    pace.end(2000);
    expect(pace.timeFor(1000, 9_000_000)).toBe(2000);
    pace.begin(10_000_000);
    expect(pace.timeFor(1000, 10_001_000), "it stands still").toBe(4000);
  });

  it("follows a line that gets slower", () => {
    const pace = new StoringPace();
    pace.begin(0);
    for (let second = 1; second <= 600; second += 1) pace.passed(second <= 300 ? 1000 : 100, second * 1000);
    const ms = pace.timeFor(1000, 600_000) ?? 0;
    expect(ms).toBeGreaterThan(7000);
    expect(ms).toBeLessThanOrEqual(10_001);
  });
});
