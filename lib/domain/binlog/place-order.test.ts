import { describe, expect, it } from "vitest";
import { isAtOrBefore } from "./place-order.ts";

describe("places in a binary log", () => {
  it.each([
    ["binlog.000009", "900", "binlog.000010", "4", true],
    ["binlog.999999", "4", "binlog.1000000", "4", true],
    ["binlog.000010", "4", "binlog.000009", "900", false],
    ["binlog.000001", "158", "binlog.000001", "158", true],
    ["binlog.000001", "1000", "binlog.000001", "999", false],
    ["binlog.000001", "9007199254740993", "binlog.000001", "9007199254740992", false],
  ])("%s:%s is no later than %s:%s: %s", (file, position, otherFile, otherPosition, expected) => {
    expect(isAtOrBefore({ file, position }, { file: otherFile, position: otherPosition })).toBe(expected);
  });
});
