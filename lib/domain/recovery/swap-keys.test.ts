import { describe, expect, it } from "vitest";
import { type ForeignKey, keysOfSwap, tableId } from "./swap-keys.ts";

const key = (from: string, to: string): ForeignKey => {
  const [[schema = "", table = ""], [toSchema = "", toTable = ""]] = [from.split("."), to.split(".")] as [string[], string[]];
  return { schema, table, name: "k", toSchema, toTable };
};
const ids = (...names: string[]) => new Set(names.map((name) => tableId(...(name.split(".") as [string, string]))));
const leaves = ids("live.orders", "live.customers");
const comes = ids("copy.orders", "copy.customers");
const there = ids("live.later", "other.things");

describe("foreign keys of a swap", () => {
  it.each([
    ["both give way", "live.orders", "live.customers", "free"],
    ["both come", "copy.orders", "copy.customers", "free"],
    ["neither moves", "other.things", "live.later", "free"],
    ["a table that comes points to one that stays", "copy.orders", "other.things", "free"],
    ["a table that gives way points to one that stays", "live.orders", "other.things", "holding"],
    ["a table that stays points to one that gives way", "live.later", "live.customers", "crossing"],
    ["a table that stays points to one that comes", "other.things", "copy.orders", "crossing"],
    ["a table that comes points to one that gives way", "copy.orders", "live.customers", "crossing"],
    ["a table that gives way points to one that comes", "live.orders", "copy.customers", "crossing"],
    ["a table that comes points to nothing", "copy.orders", "copy.gone", "crossing"],
  ])("%s: %s → %s is %s", (_what, from, to, expected) => {
    const found = keysOfSwap([key(from, to), key(from, to)], { leaves, comes, exists: (schema, table) => there.has(tableId(schema, table)) });
    expect(found).toEqual({ crossing: expected === "crossing" ? [`${from}.k`] : [], holding: expected === "holding" ? [`${from}.k`] : [] });
  });
});
