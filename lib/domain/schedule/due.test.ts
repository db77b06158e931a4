import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dueFires } from "./due.ts";
import { firesBetween } from "./next-fires.ts";

const at = (text: string) => Date.parse(text);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const nightly = { cron: "0 2 * * *", timeZone: "Europe/Rome", graceMs: 4 * HOUR };
/** 02:00 in Rome, winter. */
const NIGHT = at("2026-11-24T01:00:00Z");
const DAY = 24 * HOUR;

describe("what a schedule owes", () => {
  test("nothing before its time, and nothing twice", () => {
    expect(dueFires(nightly, NIGHT - DAY, NIGHT - 1)).toMatchObject({ fire: null, missed: null });
    expect(dueFires(nightly, NIGHT, NIGHT + 30_000)).toMatchObject({ fire: null, missed: null });
  });

  test("on time at the very second, and a minute after", () => {
    expect(dueFires(nightly, NIGHT - DAY, NIGHT)).toEqual({ fire: { at: NIGHT, late: false }, missed: null, upTo: NIGHT });
    expect(dueFires(nightly, NIGHT - DAY, NIGHT + MINUTE).fire).toEqual({ at: NIGHT, late: false });
  });

  test("made up for within the grace, missed after it", () => {
    expect(dueFires(nightly, NIGHT - DAY, NIGHT + 4 * HOUR)).toEqual({ fire: { at: NIGHT, late: true }, missed: null, upTo: NIGHT });
    expect(dueFires(nightly, NIGHT - DAY, NIGHT + 4 * HOUR + 1)).toEqual({ fire: null, missed: { from: NIGHT, to: NIGHT, count: 1 }, upTo: NIGHT });
  });

  test("without grace it still has its minute", () => {
    expect(dueFires({ ...nightly, graceMs: 0 }, NIGHT - DAY, NIGHT + MINUTE).fire).not.toBeNull();
    expect(dueFires({ ...nightly, graceMs: 0 }, NIGHT - DAY, NIGHT + MINUTE + 1).fire).toBeNull();
  });

  test("of three missed nights only the last is made up for", () => {
    expect(dueFires(nightly, NIGHT - 3 * DAY, NIGHT + HOUR)).toEqual({ fire: { at: NIGHT, late: true }, missed: { from: NIGHT - 2 * DAY, to: NIGHT - DAY, count: 2 }, upTo: NIGHT });
    expect(dueFires(nightly, NIGHT - 3 * DAY, NIGHT + 5 * HOUR)).toEqual({ fire: null, missed: { from: NIGHT - 2 * DAY, to: NIGHT, count: 3 }, upTo: NIGHT });
  });

  test("a host that slept for years counts a month", () => {
    expect(dueFires(nightly, 0, NIGHT + 5 * HOUR).missed?.count).toBe(31);
  });

  test("a clock that was set back does not silence it; a few minutes back fire nothing again", () => {
    expect(dueFires(nightly, NIGHT + 300 * DAY, NIGHT - MINUTE)).toEqual({ fire: null, missed: null, upTo: NIGHT - MINUTE });
    expect(dueFires(nightly, NIGHT, NIGHT - 5 * MINUTE)).toEqual({ fire: null, missed: null, upTo: NIGHT });
    expect(dueFires(nightly, NIGHT, NIGHT + 10_000).fire).toBeNull();
  });

  test("a wrong zone or expression owes nothing", () => {
    expect(dueFires({ ...nightly, timeZone: "Mars/Olympus" }, 0, NIGHT)).toMatchObject({ fire: null, missed: null });
    expect(dueFires({ ...nightly, cron: "no" }, 0, NIGHT)).toMatchObject({ fire: null, missed: null });
  });

  const crons = fc.constantFrom("0 2 * * *", "30 2 * * *", "0 */4 * * *", "*/20 * * * *", "15 1,2,3 * * sun", "0 0 * * *");
  const zones = fc.constantFrom("Europe/Rome", "UTC", "America/St_Johns", "Asia/Beirut", "Pacific/Apia");
  /** Around both nights on which Rome changes its clocks. */
  const begins = fc.constantFrom(at("2026-03-28T12:00:00Z"), at("2026-10-24T12:00:00Z"), at("2026-11-23T00:00:00Z"));

  test("looked at however often and with pauses however long, each fire is settled exactly once", () => {
    fc.assert(
      fc.property(crons, zones, begins, fc.integer({ min: 0, max: 6 * HOUR }), fc.array(fc.integer({ min: 1, max: 9 * HOUR }), { minLength: 1, maxLength: 12 }), (cron, timeZone, begin, graceMs, pauses) => {
        let now = begin;
        let settled = begin;
        const told: number[] = [];
        for (const pause of pauses) {
          now += pause;
          const due = dueFires({ cron, timeZone, graceMs }, settled, now);
          if (due.missed) told.push(...firesBetween(cron, timeZone, due.missed.from - 1, due.missed.to));
          if (due.fire) told.push(due.fire.at);
          settled = due.upTo;
        }
        expect(told).toEqual(firesBetween(cron, timeZone, begin, now));
      }),
      { numRuns: 60 },
    );
  });
});
