import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CLOSEST_MS, clockChanges, keyStep, offsetMs, panned, position, showing, snapped, ticks, type View, zoomed } from "./scale.ts";

const ROME = "Europe/Rome";
const DAY = 86_400_000;
const START = Date.UTC(2026, 9, 1);
const limits: View = { from: START, to: START + 60 * DAY };
const instants = fc.integer({ min: limits.from, max: limits.to });
const views = fc.tuple(instants, instants).filter(([one, other]) => Math.abs(one - other) > CLOSEST_MS).map(([one, other]): View => ({ from: Math.min(one, other), to: Math.max(one, other) }));

describe("view", () => {
  it("stays inside the limits and no closer than a minute, whatever is done to it", () => {
    fc.assert(
      fc.property(views, instants, fc.double({ min: 0.01, max: 100, noNaN: true }), fc.double({ min: -3, max: 3, noNaN: true }), (view, at, factor, share) => {
        for (const next of [zoomed(view, factor, at, limits), panned(view, share, limits), showing(view, at, limits)]) {
          expect(next.from).toBeGreaterThanOrEqual(limits.from - 1);
          expect(next.to).toBeLessThanOrEqual(limits.to + 1);
          expect(next.to - next.from).toBeGreaterThanOrEqual(CLOSEST_MS - 1);
        }
      }),
    );
  });

  it("keeps what is under the finger there", () => {
    const view = { from: START + 10 * DAY, to: START + 20 * DAY };
    const at = START + 12 * DAY;
    expect(position(at, zoomed(view, 0.25, at, limits))).toBeCloseTo(position(at, view));
  });

  it("follows an instant that leaves it", () => {
    const view = { from: START, to: START + DAY };
    const next = showing(view, START + 5 * DAY, limits);
    expect(next.to - next.from).toBe(DAY);
    expect(position(START + 5 * DAY, next)).toBeCloseTo(90);
    expect(showing(view, START + DAY / 2, limits)).toBe(view);
  });
});

describe("ticks", () => {
  it("stand on round times of the clock, in view, never more than asked for", () => {
    fc.assert(
      fc.property(views, fc.integer({ min: 2, max: 12 }), (view, most) => {
        const found = ticks(view, ROME, most);
        expect(found.length).toBeLessThanOrEqual(most + 1);
        for (const { at, day } of found) {
          expect(at >= view.from && at <= view.to).toBe(true);
          if (day) expect((at + offsetMs(at, ROME)) % DAY).toBe(0);
        }
      }),
    );
  });

  it("stay at midnight across the night when the clocks go back", () => {
    const found = ticks({ from: Date.UTC(2026, 9, 23, 12), to: Date.UTC(2026, 9, 27, 12) }, ROME, 5);
    expect(found.map(({ at }) => new Date(at).toISOString())).toEqual(["2026-10-23T22:00:00.000Z", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z", "2026-10-26T23:00:00.000Z"]);
  });
});

it("finds the nights of both clock changes of a year", () => {
  expect(clockChanges({ from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 11, 31) }, ROME).map((at) => new Date(at).toISOString())).toEqual(["2026-03-29T01:00:00.000Z", "2026-10-25T01:00:00.000Z"]);
  expect(clockChanges(limits, "UTC")).toEqual([]);
});

it("snaps to the nearest within reach, and only then", () => {
  const view = { from: 0, to: 1000 };
  expect(snapped(100, [95, 104, 300], view, 0.02)).toBe(104);
  expect(snapped(100, [95, 104, 300], view, 0.001)).toBe(100);
});

it("steps by a second when close and by hours when far", () => {
  expect(keyStep({ from: 0, to: 60_000 })).toBe(1000);
  expect(keyStep({ from: 0, to: 30 * DAY })).toBe(12 * 3_600_000);
});
