import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { archivePrefix, artifactKey, isStorageKey, isStoragePrefix, manifestKey, parseSegmentKey, parseSetKey, recoverKey, segmentIndexKey, segmentKey, setPrefix, tailKey, transactionsKey, verificationKey } from "./storage-keys.ts";

const SET = "20261123T020000Z-4f9a1c";

describe("storage keys", () => {
  it("follow the documented layout", () => {
    expect(recoverKey("db-1")).toBe("db-1/RECOVER.md");
    expect(setPrefix("db-1", "full", SET)).toBe(`db-1/full/${SET}/`);
    expect(manifestKey("db-1", "full", SET)).toBe(`db-1/full/${SET}/manifest.json`);
    expect(verificationKey("db-1", "differential", SET)).toBe(`db-1/differential/${SET}/verification.json`);
    expect(artifactKey("db-1", "full", SET, "000-accounts.sql.zst.gpg")).toBe(`db-1/full/${SET}/000-accounts.sql.zst.gpg`);
  });

  it("are read back", () => {
    expect(parseSetKey(manifestKey("db-1", "full", SET))).toEqual({ server: "db-1", kind: "full", setId: SET, name: "manifest.json", role: "manifest" });
    expect(parseSetKey(verificationKey("db-1", "full", SET))?.role).toBe("verification");
    expect(parseSetKey(artifactKey("db-1", "differential", SET, "a.sql"))).toMatchObject({ kind: "differential", role: "artifact", name: "a.sql" });
  });

  it.each([
    ["RECOVER.md", recoverKey("db-1")],
    ["a binlog segment", `db-1/binlog/${SET}/manifest.json`],
    ["a deeper path", `db-1/full/${SET}/x/manifest.json`],
    ["a set id that is none", "db-1/full/latest/manifest.json"],
    ["an upper-case server", `DB/full/${SET}/manifest.json`],
    ["a climb", `../full/${SET}/manifest.json`],
    ["nothing", ""],
  ])("parseSetKey gives null for %s", (_what, key) => {
    expect(parseSetKey(key)).toBeNull();
  });

  it("of binary logs follow the layout and are read back", () => {
    const log = { server: "db-1", serverUuid: "3e11fa47-71ca-11e1-9e33-c80aa9429562", epoch: 2 };
    const closed = segmentKey(log, "mysql-bin.000012");
    const tail = tailKey(log, "mysql-bin.000012", { from: 4000, end: 4711 });
    expect(closed).toBe(`${archivePrefix("db-1")}3e11fa47-71ca-11e1-9e33-c80aa9429562/2/mysql-bin.000012.zst.gpg`);
    expect(tail).toBe("db-1/binlog/3e11fa47-71ca-11e1-9e33-c80aa9429562/2/mysql-bin.000012.4000-4711.tail.zst.gpg");
    expect(segmentIndexKey(tail)).toBe("db-1/binlog/3e11fa47-71ca-11e1-9e33-c80aa9429562/2/mysql-bin.000012.4000-4711.tail.json");
    expect(parseSegmentKey(closed)).toEqual({ ...log, file: "mysql-bin.000012", tailFrom: 0, tailEnd: null, role: "sealed" });
    expect(parseSegmentKey(segmentIndexKey(closed))).toEqual({ ...log, file: "mysql-bin.000012", tailFrom: 0, tailEnd: null, role: "index" });
    expect(transactionsKey(closed)).toBe("db-1/binlog/3e11fa47-71ca-11e1-9e33-c80aa9429562/2/mysql-bin.000012.transactions.zst.gpg");
    expect(parseSegmentKey(transactionsKey(closed))).toEqual({ ...log, file: "mysql-bin.000012", tailFrom: 0, tailEnd: null, role: "transactions" });
    expect(parseSegmentKey(tail)).toEqual({ ...log, file: "mysql-bin.000012", tailFrom: 4000, tailEnd: 4711, role: "sealed" });
    expect(parseSegmentKey(segmentIndexKey(tail))).toMatchObject({ tailEnd: 4711, role: "index" });
    // Tails of older workers, which began with the file.
    expect(parseSegmentKey(segmentKey(log, "mysql-bin.000012.4711.tail"))).toEqual({ ...log, file: "mysql-bin.000012", tailFrom: 0, tailEnd: 4711, role: "sealed" });
    expect(parseSetKey(closed)).toBeNull();
  });

  it.each(["db-1/binlog/u/0/b.000001.zst.gpg", "db-1/binlog/u/1/b.zst.gpg", "db-1/binlog/u/1/b.000001.gpg", "db-1/binlog/u/b.000001.zst.gpg", "db-1/binlog/u/1/../b.000001.json", manifestKey("db-1", "full", SET)])("parseSegmentKey gives null for %s", (key) => {
    expect(parseSegmentKey(key)).toBeNull();
  });

  it.each(["", "/", "/a", "a/", "a//b", "..", "a/../b", ".", "a/.hidden", ".partial-1", "a b", "a\\b", "à", "a\n", "a\0b", "a:b", "x".repeat(256), `${"x/".repeat(450)}x`])(
    "refuses %j",
    (key) => {
      expect(isStorageKey(key)).toBe(false);
    },
  );

  it.each(["a", "-a/_b", "db-1/RECOVER.md", "A.B-c_1/0", "x".repeat(255)])("takes %j", (key) => {
    expect(isStorageKey(key)).toBe(true);
  });

  it("no valid key leaves its folder, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", ".", "/", "-", "\\", "\n", "~", "é") }), (text) => {
        if (!isStorageKey(text)) return;
        expect(new URL(text, "file:///root/folder/").href).toBe(`file:///root/folder/${text}`);
      }),
      { numRuns: 5_000 },
    );
  });

  it("every beginning of a valid key is a valid prefix", () => {
    const key = manifestKey("db-1", "full", SET);
    for (let length = 0; length <= key.length; length += 1) expect(isStoragePrefix(key.slice(0, length)), key.slice(0, length)).toBe(true);
    for (const bad of ["/", "../", ".", "a//"]) expect(isStoragePrefix(bad), bad).toBe(false);
  });
});
