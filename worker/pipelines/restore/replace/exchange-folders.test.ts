import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ReplacementRecord } from "#lib/contract/recovery/replacement.ts";
import { inodeOf } from "#worker/engines/data-folder/require-fit.ts";
import type { HostFolders } from "#worker/host/runtime.ts";
import { endExchange, exchangeFolders } from "./exchange-folders.ts";
import { listReplacements, readReplacement, requireNoneBegun, writeReplacement } from "./replacement-record.ts";

let base = "";
let folders: HostFolders;
let record: ReplacementRecord;
let holding: ChildProcess | undefined;
const path = (name: string): string => join(base, name);
/** The three names, and whose files lie there. */
const picture = () => readdirSync(base).filter((name) => name.startsWith("data")).sort().map((name) => `${name}: ${readdirSync(path(name)).join(" ")}`);
/** A process that has a file of it open, as a server would. */
const hold = (folder: string): ChildProcess => {
  const file = openSync(join(folder, "old"), "r");
  holding = spawn("sleep", ["1000"], { stdio: [file, "ignore", "ignore"] });
  closeSync(file);
  return holding;
};

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), "sg-exchange-"));
  folders = { state: path("state") } as HostFolders;
  for (const [name, file] of [["data", "old"], ["data.new", "new"]] as const) {
    mkdirSync(path(name));
    writeFileSync(join(path(name), file), "");
  }
  mkdirSync(path("state"));
  record = { v: 1, runId: "20261126T100000Z-aaaaaa", at: "2026-11-26T10:00:00.000Z", server: "db", folder: path("data"), kept: path("data.before"), incoming: path("data.new"), was: (await inodeOf(path("data"))) ?? "", comes: (await inodeOf(path("data.new"))) ?? "", state: "began", unit: "mysql", start: ["systemctl start mysql"] };
  writeReplacement(folders, record);
});
afterEach(() => {
  holding?.kill("SIGKILL");
  holding = undefined;
  rmSync(base, { recursive: true, force: true });
});

const OLD = ["data: old"];
const DONE = ["data: new", "data.before: old"];

describe("an exchange of data directories", () => {
  it("is two renames, and stands on record until it is closed", async () => {
    const told: string[] = [];
    await exchangeFolders(record, (text) => told.push(`${text} ${picture().length}`));
    expect(picture()).toEqual(DONE);
    expect(told).toEqual([`${record.folder} is kept as ${record.kept} 2`]);
    expect(() => requireNoneBegun(folders, "db")).toThrow(expect.objectContaining({ code: "REPLACEMENT_UNFINISHED" }));
    expect(() => requireNoneBegun(folders, "other")).not.toThrow();
    expect(await endExchange(folders, record, "forward")).toBe("replaced");
    expect(listReplacements(folders).map(({ state }) => state)).toEqual(["replaced"]);
  });

  it("refuses when a server has opened the files in the last moment, names it, and everything goes back", async () => {
    const server = hold(path("data"));
    await expect(exchangeFolders(record, () => undefined)).rejects.toMatchObject({ code: "DATADIR_IN_USE", params: { unit: "mysql", holder: `process ${server.pid} (sleep)` } });
    expect(await endExchange(folders, record, "back")).toBe("taken-back");
    expect(picture()).toEqual(OLD);
  });

  it.each([
    ["before the first rename: back, and what was made is removed", () => undefined, "taken-back", OLD],
    ["before it was brought to its place: back", () => rmSync(path("data.new"), { recursive: true }), "taken-back", OLD],
    ["between the two: forward", () => renameSync(path("data"), path("data.before")), "replaced", DONE],
    ["behind the second: done", () => { renameSync(path("data"), path("data.before")); renameSync(path("data.new"), path("data")); }, "replaced", DONE],
  ])("cut off %s", async (_when, steps, state, left) => {
    steps();
    expect(await endExchange(folders, record, "forward")).toBe(state);
    expect(picture()).toEqual(left);
    expect(readReplacement(folders, record.runId).state).toBe(state);
    // Once more by somebody who came late: the same.
    expect(await endExchange(folders, { ...record, state: "began" }, "forward")).toBe(state);
  });

  it("cut off between the two, with somebody at work on the old files: back", async () => {
    renameSync(path("data"), path("data.before"));
    hold(path("data.before"));
    expect(await endExchange(folders, record, "forward")).toBe("taken-back");
    expect(picture()).toEqual(OLD);
  });

  it("touches nothing when a stranger bears one of the names: packages make a new data directory when they miss one", async () => {
    renameSync(path("data"), path("data.before"));
    mkdirSync(path("data"));
    const before = picture();
    await expect(endExchange(folders, record, "forward")).rejects.toMatchObject({ code: "REPLACEMENT_UNCLEAR" });
    await expect(exchangeFolders(record, () => undefined)).rejects.toMatchObject({ code: "REPLACEMENT_UNCLEAR" });
    expect(picture()).toEqual(before);
    expect(readReplacement(folders, record.runId).state).toBe("began");
    // Somebody has put that right.
    rmSync(path("data"), { recursive: true });
    expect(await endExchange(folders, record, "forward")).toBe("replaced");
    expect(picture()).toEqual(DONE);
  });

  it("on its way back brings the old files again, keeps the others, and never removes what was kept", async () => {
    await exchangeFolders(record, () => undefined);
    await endExchange(folders, record, "forward");
    const back: ReplacementRecord = { ...record, runId: "20261126T110000Z-bbbbbb", at: "2026-11-26T11:00:00.000Z", kept: path("data.after"), incoming: record.kept, was: record.comes, comes: record.was, undoes: record.runId };
    writeReplacement(folders, back);
    expect(await endExchange(folders, back, "forward")).toBe("taken-back");
    expect(picture()).toEqual(DONE);
    await exchangeFolders(back, () => undefined);
    expect(await endExchange(folders, back, "forward")).toBe("replaced");
    expect(picture()).toEqual(["data: old", "data.after: new"]);
    expect(listReplacements(folders).map(({ state }) => state)).toEqual(["replaced", "undone"]);
  });
});
