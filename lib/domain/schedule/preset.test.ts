import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCron } from "./cron.ts";
import { cronOf, presetOf, REPEATS } from "./preset.ts";

test("what a person chose is what they find again, and a schedule that fires", () => {
  const time = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 })).map(([hour, minute]) => `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`);
  fc.assert(
    fc.property(fc.constantFrom(...REPEATS), time, fc.integer({ min: 0, max: 6 }), (repeat, at, weekday) => {
      const cron = cronOf({ repeat, time: at, weekday });
      expect(parseCron(cron)).not.toBeNull();
      expect(presetOf(cron)).toMatchObject({ repeat, ...(repeat === "daily" ? { time: at } : {}), ...(repeat === "weekly" ? { time: at, weekday } : {}) });
    }),
  );
});

test.each([
  ["0 2 * * *", { repeat: "daily", time: "02:00" }],
  ["  30   4 * * 7 ", { repeat: "weekly", time: "04:30", weekday: 0 }],
  ["0 */4 * * *", { repeat: "every4h" }],
])("%s", (cron, preset) => expect(presetOf(cron)).toMatchObject(preset));

test.each(["*/5 * * * *", "0 2 1 * *", "0 2 * 3 *", "60 2 * * *", "0 24 * * *", "0 2 * * mon", "0 2,3 * * *", ""])("%j is nobody's preset", (cron) => expect(presetOf(cron)).toBeNull());
