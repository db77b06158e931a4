import { expect, it } from "vitest";
import { addressOf, besideName, draftAddress, readDraft, schemasOf, scopeChosen, scopeOf, wantedOf } from "./draft.ts";

const SET = "20261123T020000Z-4f9a1c";

it("finds its own state again in the address", () => {
  const draft = { server: "db", wanted: "before" as const, at: "3e11fa47-71ca-11e1-9e33-c80aa9429562:23", skip: [], set: SET, ok: true, scope: "tables" as const, schema: "shop", schemas: [], tables: ["a b", "c&d"], target: "beside" as const, unchecked: true, done: true };
  const query = new URLSearchParams(draftAddress(draft).split("?")[1]);
  const address = Object.fromEntries([...new Set(query.keys())].map((key) => [key, query.getAll(key)]));
  expect(readDraft(address)).toEqual(draft);
});

it("takes nothing that is not valid", () => {
  expect(readDraft({ set: "../x", scope: "all", target: "moon", ok: "yes", schema: "x".repeat(65) })).toEqual({ skip: [], schemas: [], tables: [] });
  expect(readDraft({ server: "db", wanted: "time", at: "yesterday" })).toEqual({ server: "db", skip: [], schemas: [], tables: [] });
  expect(readDraft({ server: "../db", wanted: "before", at: "uuid:7" })).toEqual({ skip: [], schemas: [], tables: [] });
});

it.each([
  ["scope=server", true], ["scope=schemas", false], ["scope=schemas&schemas=a", true], ["scope=tables&schema=a", false], ["scope=tables&schema=a&tables=t", true], ["", false],
])("%s is chosen: %s", (query, chosen) => {
  expect(scopeChosen(readDraft(Object.fromEntries(new URLSearchParams(query))))).toBe(chosen);
});

it("makes the contract's scope", () => {
  const draft = { skip: [], set: SET, scope: "tables" as const, schema: "shop", schemas: [], tables: ["orders"] };
  expect(scopeOf(draft)).toEqual({ kind: "tables", schema: "shop", tables: ["orders"] });
  expect(schemasOf(draft, ["shop", "other"])).toEqual(["shop"]);
  expect(schemasOf({ skip: [], scope: "server", schemas: [], tables: [] }, ["shop", "other"])).toEqual(["shop", "other"]);
  expect(addressOf({ setId: SET, server: "db", scope: scopeOf(draft), target: { kind: "beside", server: "db", names: {} } })).toBe(`/recovery?set=${SET}&ok=1&scope=tables&schema=shop&tables=orders&target=beside&done=1`);
  expect(addressOf({ setId: SET, server: "db", scope: scopeOf(draft), target: { kind: "in-place", server: "db" }, ownChecks: false })).toContain("&target=in-place&unchecked=1&done=1");
});

it("keeps generated names within 64 characters", () => {
  expect(besideName("gestionelogistica", "20261023_1413")).toBe("gestionelogistica_r_20261023_1413");
  expect([...besideName("é".repeat(64), "20261023_1413")]).toHaveLength(64);
});

it.each([
  ["time", "1764080032104567", { kind: "time", at: "1764080032104567" }],
  ["before", "3e11fa47-71ca-11e1-9e33-c80aa9429562:23", { kind: "before", gtid: "3e11fa47-71ca-11e1-9e33-c80aa9429562:23" }],
  ["position", "binlog.000012:4711", { kind: "position", file: "binlog.000012", position: 4711 }],
  ["position", "4711", null],
  ["position", "../x:1", null],
])("an instant in the address: %s %s", (wanted, at, expected) => {
  expect(wantedOf(readDraft({ server: "db", wanted, at }))).toEqual(expected);
});

it("finds the instant of a plan again", () => {
  const boundary = { wanted: { kind: "position" as const, file: "binlog.7", position: 4 }, segments: [{ key: "k", file: "binlog.7", bytes: 4, sha256: "a".repeat(64) }], stop: { position: "4" }, expectedGtids: null, skip: ["u:1"], lastIncluded: null, firstExcluded: null, lostTransactions: 0 };
  const address = addressOf({ setId: SET, server: "db", scope: { kind: "schemas", schemas: ["shop"] }, target: { kind: "server", server: "db" }, boundary });
  const query = new URLSearchParams(address.split("?")[1]);
  expect(readDraft(Object.fromEntries(query))).toMatchObject({ server: "db", wanted: "position", at: "binlog.7:4", skip: ["u:1"], set: SET });
});
