import { describe, expect, it } from "vitest";
import { advance, follows, formatMariadbGtids, parseMariadbGtid, parseMariadbGtids } from "./mariadb-gtid.ts";

describe("MariaDB positions", () => {
  it("reads and prints in the order of the numbers", () => {
    expect(formatMariadbGtids(parseMariadbGtids("10-1-5, 2-3-18446744073709551615,2-1-7"))).toBe("2-1-7,2-3-18446744073709551615,10-1-5");
    expect(parseMariadbGtids("").size).toBe(0);
    expect(parseMariadbGtid(" 0-1-42 ")).toEqual({ domain: 0, server: 1, sequence: 42n });
  });

  it.each(["0-1", "0-1-x", "4294967296-1-1", "0-4294967296-1", "0-1-18446744073709551616", "-1-1-1", "0-1-1,0-1-2", "3e11fa47-71ca-11e1-9e33-c80aa9429562:1"])("refuses «%s»", (text) => {
    expect(() => parseMariadbGtids(text)).toThrow(expect.objectContaining({ code: "GTID_INVALID" }));
  });

  it.each([
    ["0-1-5", "0-1-9", "0-1-9", true],
    ["0-1-5", "", "0-1-5", true],
    ["0-1-5", "0-2-6", "0-1-5,0-2-6", true],
    ["0-1-5", "0-2-6", "0-2-6", false], // the first server's state is forgotten, the domain is not
    ["0-1-5", "0-1-9", "0-1-10", false],
    ["0-1-5", "0-1-9", "0-1-8", false],
    ["0-1-5,1-1-3", "0-1-9", "0-1-9", true], // the domain was deleted
    ["0-1-5", "0-1-9", "0-1-9,1-1-1", false],
  ])("%s and then %s is followed by %s: %s", (state, logged, next, follow) => {
    expect(follows(advance(parseMariadbGtids(state), parseMariadbGtids(logged)), parseMariadbGtids(next))).toBe(follow);
  });
});
