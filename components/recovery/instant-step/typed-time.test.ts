import fc from "fast-check";
import { expect, it } from "vitest";
import { readTypedTime, typedText } from "./typed-time.ts";

const ROME = "Europe/Rome";

it("asks which, in the hour that the clocks show twice", () => {
  expect(readTypedTime("2026-10-25 02:30:15.25", ROME)).toEqual({ kind: "twice", at: [0, 1].map((hour) => String(Date.UTC(2026, 9, 25, hour, 30, 15, 250) * 1000)) });
});

it("says that the clocks never showed it", () => {
  expect(readTypedTime("2026-03-29 02:30:00", ROME)).toEqual({ kind: "never" });
});

it.each(["", "yesterday", "2026-02-30 10:00:00", "2026-11-25"])("cannot read %j", (text) => expect(readTypedTime(text, ROME)).toEqual({ kind: "unreadable" }));

it("finds back what it wrote, but for the hour that comes twice", () => {
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2040, 0, 1) }), (at) => {
      const read = readTypedTime(typedText(at, ROME), ROME);
      const found = read.kind === "instant" ? [read.at] : read.kind === "twice" ? read.at : [];
      expect(found).toContain(String(BigInt(at) * 1000n));
    }),
  );
});
