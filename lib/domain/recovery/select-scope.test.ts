import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { estimateSteps } from "./estimate.ts";
import { besideNames, nameClashes } from "./schema-names.ts";
import { type ScopeSet, selectArtifacts } from "./select-scope.ts";

const SET: ScopeSet = {
  artifacts: [
    { name: "600-events-00001.sql.zst.gpg", schema: "a" },
    { name: "000-accounts.sql.zst.gpg" },
    { name: "405-grants.sql.zst.gpg" },
    { name: "100-tables-00001.sql.zst.gpg", schema: "a" },
    { name: "100-tables-00002.sql.zst.gpg", schema: "b" },
    { name: "200-data-00001-00001.sql.zst.gpg", schema: "a", tables: ["t", "u"] },
    { name: "200-data-00001-00002.sql.zst.gpg", schema: "a", tables: ["big"] },
    { name: "200-data-00002-00001.sql.zst.gpg", schema: "b", tables: ["t"] },
  ],
  inventory: { schemas: [{ name: "a", tables: [{ name: "t" }, { name: "u" }, { name: "big" }] }, { name: "b", tables: [{ name: "t" }] }] },
};
const parts = (scope: Parameters<typeof selectArtifacts>[1]): string[] | readonly string[] => {
  const selection = selectArtifacts(SET, scope);
  return selection.ok ? selection.artifacts.map((name) => name.replace(".sql.zst.gpg", "")) : selection.unknown;
};

describe("selectArtifacts", () => {
  it.each([
    ["everything", { kind: "server", accounts: true } as const, ["000-accounts", "100-tables-00001", "100-tables-00002", "200-data-00001-00001", "200-data-00001-00002", "200-data-00002-00001", "405-grants", "600-events-00001"]],
    ["no accounts", { kind: "server", accounts: false } as const, ["100-tables-00001", "100-tables-00002", "200-data-00001-00001", "200-data-00001-00002", "200-data-00002-00001", "600-events-00001"]],
    ["one schema", { kind: "schemas", schemas: ["b"] } as const, ["100-tables-00002", "200-data-00002-00001"]],
    ["one table: not the same name elsewhere, no programs", { kind: "tables", schema: "a", tables: ["t"] } as const, ["100-tables-00001", "200-data-00001-00001"]],
    ["an unknown schema", { kind: "schemas", schemas: ["b", "B"] } as const, ["B"]],
    ["an unknown table", { kind: "tables", schema: "b", tables: ["t", "u"] } as const, ["b.u"]],
  ])("%s", (_what, scope, expected) => expect(parts(scope)).toEqual(expected));
});

describe("names", () => {
  it("never pass the server's limit, keep their ending, and are as many as there are schemas", () => {
    const name = fc.oneof(fc.string({ unit: "grapheme", minLength: 1, maxLength: 64 }), fc.nat(30).map((tenant) => `customer_database_production_europe_region_${tenant}`));
    fc.assert(fc.property(fc.uniqueArray(name, { selector: (one) => one.toLowerCase() }), (names) => {
      const made = besideNames(names, "pre", "20261123T020000Z");
      expect(Object.keys(made)).toHaveLength(names.length);
      expect(new Set(Object.values(made).map((one) => one.toLowerCase())).size).toBe(names.length);
      for (const one of Object.values(made)) {
        expect([...one].length).toBeLessThanOrEqual(64);
        expect(one.endsWith("_pre_20261123t020000z")).toBe(true);
      }
    }));
    expect(besideNames(["shop", "a".repeat(44), "a".repeat(45)], "new", "20261123T020000Z")).toEqual({ shop: "shop_new_20261123t020000z", ["a".repeat(44)]: `${"a".repeat(43)}_new_20261123t020000z`, ["a".repeat(45)]: `${"a".repeat(41)}_2_new_20261123t020000z` });
  });

  it.each([
    [{ a: "x", b: "y" }, []],
    [{ a: "a" }, ["a"]],
    [{ a: "A" }, ["A"]],
    [{ a: "b", b: "c" }, ["b"]],
    [{ a: "x", b: "X" }, ["X"]],
  ])("clash: %j", (names, expected) => expect(nameClashes(names)).toEqual(expected));
});

it("estimates grow with the volume and are never shorter when slow", () => {
  const volume = fc.record({ sealedBytes: fc.nat(), plainBytes: fc.nat(), safetyBytes: fc.nat(), tables: fc.nat(10_000) });
  fc.assert(fc.property(volume, (small) => {
    const large = estimateSteps({ sealedBytes: small.sealedBytes * 2, plainBytes: small.plainBytes * 2, safetyBytes: small.safetyBytes * 2, tables: small.tables * 2 });
    for (const [step, [likely, slow]] of Object.entries(estimateSteps(small))) {
      expect(slow).toBeGreaterThanOrEqual(likely);
      expect(large[step as keyof typeof large][0]).toBeGreaterThanOrEqual(likely);
    }
  }));
});
