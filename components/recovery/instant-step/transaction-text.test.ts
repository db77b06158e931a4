import { expect, it } from "vitest";
import { headlineOf, maySkip, replayUntil } from "./transaction-text.ts";

const table = (name: string, deleted: number) => ({ schema: "shop", table: name, inserted: 0, updated: 0, deleted });

it("gives the statement's own text, else its kind and tables", () => {
  const named = [{ schema: "shop", table: "orders" }];
  expect(headlineOf({ statements: [{ kind: "drop", schema: "shop", tables: named, text: "DROP TABLE `orders`" }], tables: [] }).statement).toBe("DROP TABLE `orders`");
  expect(headlineOf({ statements: [{ kind: "delete", schema: "shop", tables: named, text: null }], tables: [] }).statement).toBe("DELETE shop.orders");
});

it("names the most changed table first", () => {
  expect(headlineOf({ statements: [], tables: [table("few", 1), table("many", 90)] })).toEqual({ statement: null, tables: [{ name: "shop.many", inserted: 0, updated: 0, deleted: 90 }, { name: "shop.few", inserted: 0, updated: 0, deleted: 1 }] });
});

it("replays to the last instant known, at least to what is left out", () => {
  expect([replayUntil("1700000000000005", "1700000000000004"), replayUntil("999", "1700000000000004")]).toEqual(["1700000000000005", "1700000000000004"]);
});

it.each([
  ["3e11fa47-71ca-11e1-9e33-c80aa9429562:23", true],
  ["3e11fa47-71ca-11e1-9e33-c80aa9429562:tag:23", true],
  ["0-1-7", false],
  [null, false],
])("%s can be left out: %s", (gtid, may) => expect(maySkip(gtid)).toBe(may));
