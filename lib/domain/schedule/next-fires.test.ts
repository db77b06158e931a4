import { describe, expect, test } from "vitest";
import { parseCron } from "./cron.ts";
import { nextFires } from "./next-fires.ts";

const at = (text: string) => Date.parse(text);

describe("next fires", () => {
  test.each([
    ["daily in winter", "0 2 * * *", "2026-11-23T22:00:00Z", ["2026-11-24T01:00:00.000Z", "2026-11-25T01:00:00.000Z"]],
    ["strictly after now", "0 2 * * *", "2026-11-24T01:00:00Z", ["2026-11-25T01:00:00.000Z"]],
    ["02:30 does not exist on 29 March 2026: once, an hour later", "30 2 * * *", "2026-03-28T12:00:00Z", ["2026-03-29T01:30:00.000Z", "2026-03-30T00:30:00.000Z"]],
    ["02:30 comes twice on 25 October 2026: once, the first", "30 2 * * *", "2026-10-24T12:00:00Z", ["2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"]],
    ["every hour follows elapsed time in autumn", "0 * * * *", "2026-10-25T00:30:00Z", ["2026-10-25T01:00:00.000Z", "2026-10-25T02:00:00.000Z", "2026-10-25T03:00:00.000Z"]],
    ["weekday names", "15 4 * * sun", "2026-11-23T00:00:00Z", ["2026-11-29T03:15:00.000Z"]],
    ["7 is Sunday", "15 4 * * 7", "2026-11-23T00:00:00Z", ["2026-11-29T03:15:00.000Z"]],
    ["either day field when both are given", "0 0 1 * mon", "2026-11-24T00:00:00Z", ["2026-11-29T23:00:00.000Z", "2026-11-30T23:00:00.000Z"]],
    ["29 February", "0 12 29 2 *", "2026-11-23T00:00:00Z", ["2028-02-29T11:00:00.000Z"]],
    ["steps", "*/20 6-7 * * *", "2026-11-23T05:30:00Z", ["2026-11-23T05:40:00.000Z", "2026-11-23T06:00:00.000Z"]],
  ])("%s", (_title, cron, now, expected) => {
    expect(nextFires(cron, "Europe/Rome", at(now), expected.length)).toEqual(expected);
  });

  test.each(["", "* * * *", "60 * * * *", "* 24 * * *", "5-1 * * * *", "*/0 * * * *", "a b c d e", "* * 0 * *", "*-5 * * * *"])("refuses %j", (cron) => {
    expect(parseCron(cron)).toBeNull();
    expect(nextFires(cron, "Europe/Rome", 0, 1)).toEqual([]);
  });

  test("31 February never fires", () => expect(nextFires("0 0 31 2 *", "UTC", 0, 1)).toEqual([]));
  test("an unknown zone never fires", () => expect(nextFires("0 0 * * *", "Mars/Olympus", 0, 1)).toEqual([]));
});
