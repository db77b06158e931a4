import { expect, it } from "vitest";
import { checksOfRestore } from "./own-checks.ts";

const checks = [{ name: "a", schema: "shop" }, { name: "b", schema: "stock" }, { name: "c" }];
type Judged = Parameters<typeof checksOfRestore>[1];
const of = (scope: Judged["scope"], kind: Judged["target"]["kind"], target = "db"): string => checksOfRestore(checks, { server: "db", scope, target: { kind, server: target } }).map(({ name }) => name).join("");

const whole = { kind: "server" } as const;
const shop = { kind: "schemas", schemas: ["shop"] } as const;
const orders = { kind: "tables", schema: "shop", tables: ["orders"] } as const;

it("beside none: its swap asks", () => {
  expect([of(whole, "beside"), of(shop, "beside"), of(orders, "beside")]).toEqual(["", "", ""]);
});

it.each(["server", "instance", "replace"] as const)("%s: only what is about something that comes whole", (kind) => {
  expect([of(whole, kind), of(shop, kind), of(orders, kind)]).toEqual(["abc", "a", ""]);
});

it("in place: what touches a schema that changes, wholly or in part; elsewhere nothing that may need schemas which are not there", () => {
  expect([of(whole, "in-place"), of(shop, "in-place"), of(orders, "in-place")]).toEqual(["abc", "ac", "ac"]);
  expect([of(whole, "in-place", "other"), of(shop, "in-place", "other"), of(orders, "in-place", "other")]).toEqual(["abc", "a", "a"]);
});
