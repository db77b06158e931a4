import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { estimateSteps } from "./estimate.ts";
import { besideName, nameClashes } from "./schema-names.ts";
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
  it("never pass the server's limit and keep their ending", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 64 }), (name) => {
      const made = besideName(name, "pre", "20261123T020000Z");
      expect([...made].length).toBeLessThanOrEqual(64);
      expect(made.endsWith("_pre_20261123t020000z")).toBe(true);
    }));
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
