import { expect, it } from "vitest";
import { filterAddress, readFilters, toInput, without } from "./filters.ts";

const ROME = "Europe/Rome";
const NOON = Date.parse("2026-10-25T11:00:00Z");

it("reads an address, drops what is not valid and says so", () => {
  expect(readFilters({ kind: "restore", state: "banana", q: "  viaggi ", page: "3" })).toEqual({ filters: { kind: "restore", q: "viaggi" }, page: 3, invalid: true });
  expect(readFilters({ when: "", server: "" })).toEqual({ filters: {}, page: 1, invalid: false });
  expect(readFilters({ from: "2026-02-31" })).toEqual({ filters: {}, page: 1, invalid: true });
});

it("takes a day as long as it is in the zone: 25 hours on the autumn night", () => {
  expect(toInput({ when: "range", from: "2026-10-25", to: "2026-10-25" }, ROME, NOON)).toEqual({ from: "2026-10-24T22:00:00.000Z", to: "2026-10-25T23:00:00.000Z" });
  expect(toInput({ when: "today" }, ROME, NOON)).toEqual({ from: "2026-10-24T22:00:00.000Z" });
  expect(toInput({ when: "24h" }, ROME, NOON)).toEqual({ from: "2026-10-24T11:00:00.000Z" });
});

it("spreads a group of states", () => {
  expect(toInput({ state: "ongoing" }, ROME, NOON).states).toEqual(["queued", "running", "waiting"]);
  expect(toInput({ state: "failed" }, ROME, NOON).states).toEqual(["failed"]);
});

it("writes an address that reads back the same", () => {
  const filters = { when: "range", from: "2026-10-01", to: "2026-10-25", kind: "verify", q: "a&b=c" } as const;
  const address = filterAddress("/activity", filters, 2);
  expect(readFilters(Object.fromEntries(new URLSearchParams(address.split("?")[1])))).toEqual({ filters, page: 2, invalid: false });
  expect(filterAddress("/activity", {})).toBe("/activity");
});

it("removes one filter, and the range with its days", () => {
  expect(without({ when: "range", from: "2026-10-01", q: "x" }, "when")).toEqual({ q: "x" });
  expect(without({ kind: "verify", q: "x" }, "kind")).toEqual({ q: "x" });
});
