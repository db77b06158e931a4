import { expect, it } from "vitest";
import { formatBytes, formatNumber, formatShare } from "./number.ts";
import { dayKey, formatDuration, formatInstant, formatRelative } from "./time.ts";

const ROME = "Europe/Rome";
const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, " ");

it("writes instants with seconds and zone", () => {
  expect(formatInstant("2026-01-31T01:00:07Z", "it", ROME)).toBe("31 gen 2026, 02:00:07 CET");
  expect(formatInstant("2026-07-31T00:00:07Z", "en", ROME)).toBe("31 Jul 2026, 02:00:07 CEST");
});

it("tells the two 02:30 of the autumn night apart", () => {
  const [first, second] = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"].map((at) => formatInstant(at, "it", ROME));
  expect([first, second]).toEqual(["25 ott 2026, 02:30:00 CEST", "25 ott 2026, 02:30:00 CET"]);
});

it("groups from the first thousand on", () => {
  expect(formatNumber(1234, "it")).toBe("1.234");
  expect(formatNumber(1234567.891, "it", 2)).toBe("1.234.567,89");
});

it.each([
  [0, "0 B"], [999, "999 B"], [1000, "1 kB"], [12_345_678_901, "12,3 GB"], [999_950_000, "1 GB"], [305_000_000_000n, "305 GB"],
])("writes %s bytes as %s", (bytes, text) => {
  expect(plain(formatBytes(bytes, "it"))).toBe(text);
});

it.each([
  [0.48, "480 ms"], [7.24, "7,2 s"], [59.6, "1 min"], [1330, "22 min 10 s"], [7500, "2 h 05 min"], [7200, "2 h"], [172_800, "2 g"], [273_600, "3 g 4 h"],
])("writes %s seconds as %s", (seconds, text) => {
  expect(plain(formatDuration(seconds, "it"))).toBe(text);
});

it("writes shares and relative times", () => {
  expect(plain(formatShare(0.873, "it"))).toBe("87%");
  expect(formatRelative("2026-01-31T00:00:00Z", Date.parse("2026-01-31T03:10:00Z"), "it")).toBe("3 ore fa");
  expect(formatRelative("2026-02-02T00:00:00Z", Date.parse("2026-01-31T00:00:00Z"), "it")).toBe("tra 2 giorni");
});

it("takes the day in the zone, not in UTC", () => {
  expect(dayKey("2026-01-31T23:30:00Z", ROME)).toBe("2026-02-01");
});
