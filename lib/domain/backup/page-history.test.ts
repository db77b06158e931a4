import { describe, expect, it } from "vitest";
import { brokenHistory, type FilesNow, type RecordedFiles } from "./page-history.ts";

const files = { series: "10.11", origin: "77-1700000000000000000", pageSize: 16384, dataFilePath: "ibdata1:12M:autoextend", undoTablespaces: 0 };
// Beyond 2^53, where numbers would be the same.
const full: RecordedFiles = { ...files, lsn: "9007199254740993", gtids: "0-1-10" };
const now: FilesNow = { ...files, lsn: "9007199254740993", gtidsThen: "0-1-10" };

describe("pages that changed since a full", () => {
  it.each<[string, Partial<FilesNow>]>([
    ["nothing was written since", {}],
    ["the binary log was purged", { gtidsThen: undefined }],
    ["much was written since", { lsn: "9007199254740999999" }],
  ])("make it whole again: %s", (_what, change) => {
    expect(brokenHistory(full, { ...now, ...change })).toBeNull();
  });

  it("belong to it where the server writes no binary log", () => {
    expect(brokenHistory({ ...full, gtids: null }, { ...now, gtidsThen: null })).toBeNull();
  });

  it.each<[string, Partial<FilesNow>, RegExp]>([
    ["another series", { series: "11.4" }, /series 10\.11, the server is 11\.4/],
    ["restored files", { origin: "78-1700000000000000000" }, /other files/],
    ["a snapshot put back", { lsn: "9007199254740992" }, /come to 9007199254740992/],
    ["a snapshot put back, and more written than before", { gtidsThen: "0-1-9" }, /holds 0-1-9 where the full noted 0-1-10/],
    ["a place that is none of its binary log", { gtidsThen: null }, /holds nothing/],
    ["other settings", { pageSize: 4096, undoTablespaces: 3 }, /pageSize 16384, now 4096; undoTablespaces 0, now 3/],
  ])("would not: %s", (_what, change, reason) => {
    expect(brokenHistory(full, { ...now, ...change })).toMatch(reason);
  });

  it("would not, where the full does not say which files it was copied from", () => {
    expect(brokenHistory({ ...full, origin: undefined }, { ...now, origin: undefined })).toMatch(/other files/);
  });
});
