import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ArtifactPart, artifactName, artifactPart } from "./artifact-names.ts";
import { isStorageKey } from "./storage-keys.ts";

/** Loading order, as the format promises it. */
const ORDER: readonly ArtifactPart[] = ["accounts", "tables", "data", "routines", "viewstubs", "grants", "views", "viewchecks", "triggers", "events"];

const label = fc.record({ part: fc.constantFrom(...ORDER), codec: fc.constantFrom("zstd" as const, "gzip" as const), schema: fc.option(fc.integer({ min: 1, max: 99_999 }), { nil: undefined }), segment: fc.option(fc.integer({ min: 1, max: 99_999 }), { nil: undefined }) });

describe("artifactName", () => {
  it.each([
    [artifactName("accounts", "zstd"), "000-accounts.sql.zst.gpg"],
    [artifactName("tables", "zstd", 1), "100-tables-00001.sql.zst.gpg"],
    [artifactName("data", "gzip", 3, 12), "200-data-00003-00012.sql.gz.gpg"],
    [artifactName("grants", "zstd"), "405-grants.sql.zst.gpg"],
    [artifactName("events", "zstd", 99_999), "600-events-99999.sql.zst.gpg"],
  ])("%s", (name, expected) => {
    expect(name).toBe(expected);
  });

  it("sorts into loading order as plain text: part first, then schema, then segment", () => {
    fc.assert(
      fc.property(label, label, (a, b) => {
        const [first, second] = [a, b].map((item) => artifactName(item.part, "zstd", item.schema, item.segment)) as [string, string];
        const byPart = ORDER.indexOf(a.part) - ORDER.indexOf(b.part);
        if (byPart !== 0) {
          expect(first < second).toBe(byPart < 0);
          return;
        }
        if (a.schema === undefined || b.schema === undefined || a.segment === undefined || b.segment === undefined) return;
        const byNumber = a.schema - b.schema || a.segment - b.segment;
        expect(Math.sign(byNumber)).toBe(first === second ? 0 : first < second ? -1 : 1);
      }),
    );
  });

  it("is a storage key and gives its part back", () => {
    fc.assert(
      fc.property(label, (item) => {
        const name = artifactName(item.part, item.codec, item.schema, item.segment);
        expect(isStorageKey(name)).toBe(true);
        expect(artifactPart(name)).toBe(item.part);
      }),
    );
  });
});

it.each(["manifest.json", "verification.json", "RECOVER.md", "700-binlog-00001.sql.zst.gpg", "00-data.sql", "200-constructor.sql", "200data.sql", ""])("artifactPart gives null for %j", (name) => {
  expect(artifactPart(name)).toBeNull();
});
