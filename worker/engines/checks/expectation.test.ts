import { expect, it } from "vitest";
import { meets } from "./expectation.ts";

it.each([
  ["1", "> 0", true], ["0", "> 0", false], ["10", ">= 10", true], ["9", ">= 10", false], ["3", "<> 3", false], ["3", "!= 4", true], ["7", "7", true], ["7.0", "= 7", true], ["7", "8", false],
  ["9007199254740993", "= 9007199254740992", false], ["-5", "< -4", true], ["1e3", "= 1000", true], ["abc", "abc", true], ["abc", "= abd", false], ["abc", "> abb", false], ["", "", true],
  [null, "NULL", true], [null, "0", false], [null, "<> 3", false], ["NULL", "> 0", false],
] as const)("%j meets %j: %j", (value, expected, outcome) => {
  expect(meets(value, expected)).toBe(outcome);
});
