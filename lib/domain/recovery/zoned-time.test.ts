import { describe, expect, it } from "vitest";
import { parseZonedTime } from "./zoned-time.ts";

describe("a time as a person writes it", () => {
  const iso = (text: string, zone?: string): string => new Date(Number(parseZonedTime(text, zone) / 1000n)).toISOString();

  it("with Z, with an offset, in a zone, to the microsecond", () => {
    expect(iso("2026-11-25T10:00:00Z")).toBe("2026-11-25T10:00:00.000Z");
    expect(iso("2026-11-25 10:00:00+05:30")).toBe("2026-11-25T04:30:00.000Z");
    expect(iso("2026-11-25 10:00", "Europe/Rome")).toBe("2026-11-25T09:00:00.000Z");
    expect(iso("2026-07-25 10:00:07", "Europe/Rome")).toBe("2026-07-25T08:00:07.000Z");
    expect(parseZonedTime("2026-11-25T10:00:00.104027Z") % 1_000_000n).toBe(104_027n);
    expect(parseZonedTime("2026-11-25T10:00:00.5Z") % 1_000_000n).toBe(500_000n);
  });

  it("asks which, when the clock showed it twice", () => {
    expect(() => parseZonedTime("2026-10-25 02:30:00", "Europe/Rome")).toThrow(expect.objectContaining({ code: "INSTANT_AMBIGUOUS", params: expect.objectContaining({ first: "2026-10-25T00:30:00.000Z", second: "2026-10-25T01:30:00.000Z" }) }));
    expect(iso("2026-10-25 02:30:00+02:00", "Europe/Rome")).toBe("2026-10-25T00:30:00.000Z");
    expect(iso("2026-10-25 03:00:00", "Europe/Rome")).toBe("2026-10-25T02:00:00.000Z");
  });

  it.each([
    ["2026-03-29 02:30:00", "Europe/Rome"], // skipped by the clocks
    ["2026-11-25 10:00:00", undefined],
    ["2026-02-30 10:00:00Z", undefined],
    ["2026-11-25 25:00:00Z", undefined],
    ["yesterday", "Europe/Rome"],
    ["2026-11-25 10:00:00", "Mars/Olympus"],
  ])("refuses %s in %s", (text, zone) => {
    expect(() => parseZonedTime(text, zone)).toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
  });
});
