import fc from "fast-check";
import { expect, it } from "vitest";
import { bytesPerSecond, effort, type Pace, secondsLeft, type Work, withLook } from "./time-left.ts";

/** One part of a stage: so much work in so many seconds, evenly. */
interface Stretch extends Work {
  readonly seconds: number;
}

/** Looks at a stage once a second; what is said at each of them, and what was true. */
function watched(stretches: readonly Stretch[]): { at: number; said: number | null; rest: number; naive: number }[] {
  const whole = stretches.reduce((sum, { seconds }) => sum + seconds, 0);
  const doneAt = (at: number): Work => {
    let before = 0;
    const done = { bytes: 0, items: 0 };
    for (const { seconds, bytes, items } of stretches) {
      const share = Math.min(1, Math.max(0, (at - before) / seconds));
      done.bytes += bytes * share;
      done.items += items * share;
      before += seconds;
    }
    return done;
  };
  const total = doneAt(whole);
  let pace: Pace | null = null;
  const looks = [];
  for (let at = 0; at <= whole; at += 1) {
    const done = doneAt(at);
    pace = withLook(pace, { at: 1000 + at, done });
    const left = { bytes: total.bytes - done.bytes, items: total.items - done.items };
    looks.push({ at, said: secondsLeft(pace, left), rest: whole - at, naive: left.bytes / (done.bytes / at) });
  }
  return looks;
}

const within = (said: number | null, rest: number, factor: number) => said !== null && said <= rest * factor + 1 && said >= rest / factor - 1;

it("is exact for an even flow of bytes, or of items, whatever the machine", () => {
  const amount = fc.integer({ min: 1, max: 1_000_000 });
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 120 }), amount, fc.boolean(), (seconds, size, items) => {
      for (const { at, said, rest } of watched([items ? { seconds, bytes: 0, items: size } : { seconds, bytes: size * 1000, items: 0 }])) {
        if (at >= 3) expect(said).toBeCloseTo(rest, 4);
      }
    }),
  );
});

it("is exact for bytes and items in one mixture", () => {
  for (const { at, said, rest } of watched([{ seconds: 60, bytes: 3e9, items: 400 }])) if (at >= 3) expect(said).toBeCloseTo(rest, 4);
});

it("thousands of tiny tables before a large one are no slow bytes: right within a factor of two from the start, where bytes alone are wrong by hundreds", () => {
  const looks = watched([{ seconds: 20, bytes: 800_000, items: 4000 }, { seconds: 300, bytes: 10e9, items: 1 }]);
  expect(looks.filter(({ at }) => at >= 3).every(({ said, rest }) => within(said, rest, 2))).toBe(true);
  expect(looks.filter(({ at }) => at >= 40).every(({ said, rest }) => within(said, rest, 1.3))).toBe(true);
  expect(looks[10]?.naive).toBeGreaterThan(500 * (looks[10]?.rest ?? 0));
});

it("large tables before many tiny ones: what is left is not forgotten", () => {
  const looks = watched([{ seconds: 100, bytes: 6e9, items: 12 }, { seconds: 60, bytes: 400_000, items: 12_000 }]);
  expect(looks.filter(({ at }) => at >= 3).every(({ said, rest }) => within(said, rest, 2))).toBe(true);
  // by bytes nothing is left here, for a minute
  expect(looks[101]?.naive).toBeLessThan(1);
  expect(looks[101]?.said).toBeGreaterThan(20);
});

it("is never negative and never more than unknown, whatever comes", () => {
  const stretch = fc.record({ seconds: fc.integer({ min: 1, max: 60 }), bytes: fc.nat({ max: 1e10 }), items: fc.nat({ max: 10_000 }) });
  fc.assert(
    fc.property(fc.array(stretch, { minLength: 1, maxLength: 4 }), (stretches) => {
      for (const { said } of watched(stretches)) expect(said === null || (Number.isFinite(said) && said >= 0)).toBe(true);
    }),
  );
});

it("says nothing before it has seen something, and begins anew when counters go back", () => {
  const first = withLook(null, { at: 0, done: { bytes: 0, items: 0 } });
  expect(secondsLeft(first, { bytes: 1, items: 1 })).toBeNull();
  const idle = withLook(first, { at: 60, done: { bytes: 0, items: 0 } });
  expect([secondsLeft(idle, { bytes: 1, items: 1 }), bytesPerSecond(idle)]).toEqual([null, null]);
  const done = withLook(first, { at: 10, done: { bytes: 1e9, items: 3 } });
  expect(bytesPerSecond(done)).toBeCloseTo(1e8);
  expect(withLook(done, { at: 11, done: { bytes: 5, items: 0 } }).seconds).toBe(0);
});

it("weighs a table and its bytes by their time", () => {
  expect(effort({ bytes: 50e6, items: 300 })).toBeCloseTo(2);
});
