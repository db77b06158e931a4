import { expect, it } from "vitest";
import { addressOf, besideName, draftAddress, readDraft, schemasOf, scopeChosen, scopeOf } from "./draft.ts";

const SET = "20261123T020000Z-4f9a1c";

it("finds its own state again in the address", () => {
  const draft = { set: SET, ok: true, scope: "tables" as const, schema: "shop", schemas: [], tables: ["a b", "c&d"], target: "beside" as const, done: true };
  const query = new URLSearchParams(draftAddress(draft).split("?")[1]);
  const address = Object.fromEntries([...new Set(query.keys())].map((key) => [key, query.getAll(key)]));
  expect(readDraft(address)).toEqual(draft);
});

it("takes nothing that is not valid", () => {
  expect(readDraft({ set: "../x", scope: "all", target: "moon", ok: "yes", schema: "x".repeat(65) })).toEqual({ schemas: [], tables: [] });
});

it.each([
  ["scope=server", true], ["scope=schemas", false], ["scope=schemas&schemas=a", true], ["scope=tables&schema=a", false], ["scope=tables&schema=a&tables=t", true], ["", false],
])("%s is chosen: %s", (query, chosen) => {
  expect(scopeChosen(readDraft(Object.fromEntries(new URLSearchParams(query))))).toBe(chosen);
});

it("makes the contract's scope", () => {
  const draft = { set: SET, scope: "tables" as const, schema: "shop", schemas: [], tables: ["orders"] };
  expect(scopeOf(draft)).toEqual({ kind: "tables", schema: "shop", tables: ["orders"] });
  expect(schemasOf(draft, ["shop", "other"])).toEqual(["shop"]);
  expect(schemasOf({ scope: "server", schemas: [], tables: [] }, ["shop", "other"])).toEqual(["shop", "other"]);
  expect(addressOf({ setId: SET, server: "db", scope: scopeOf(draft), target: { kind: "beside", server: "db", names: {} } })).toBe(`/recovery?set=${SET}&ok=1&scope=tables&schema=shop&tables=orders&target=beside&done=1`);
});

it("keeps generated names within 64 characters", () => {
  expect(besideName("gestionelogistica", "20261023_1413")).toBe("gestionelogistica_r_20261023_1413");
  expect([...besideName("é".repeat(64), "20261023_1413")]).toHaveLength(64);
});
