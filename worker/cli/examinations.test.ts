import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { examineDataDirectories } from "./examinations.ts";

let base = "";
beforeEach(() => (base = mkdtempSync(join(tmpdir(), "sg-doctor-"))));
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** Code and reason of what doctor finds in a data directory; empty when it could be replaced. */
async function found(folder: string): Promise<string[]> {
  const host = { config: { dataDirectories: { db: { folder: join(base, folder), config: "/etc/my.cnf" } } } } as unknown as HostRuntime;
  const [examined] = await examineDataDirectories(host);
  expect(examined?.subject).toBe("data directory of db");
  return (examined?.findings ?? []).map(({ severity, fault }) => `${severity} ${fault.code} ${String(fault.params.message)}`);
}

it("says before an emergency which data directory could not be replaced, and why", async () => {
  for (const name of ["data", "empty", "home"]) mkdirSync(join(base, name));
  writeFileSync(join(base, "data", "ibdata1"), "");
  writeFileSync(join(base, "home", "notes"), "");
  symlinkSync(join(base, "data"), join(base, "by-a-link"));
  expect(await found("data")).toEqual([]);
  expect(await found("by-a-link")).toEqual([]);
  expect(await found("empty")).toEqual([]);
  expect(await found("home")).toEqual(["error DATADIR_UNFIT it holds no files of a database server"]);
  expect(await found("home/notes")).toEqual(["error DATADIR_UNFIT it is no directory"]);
  expect(await found("nowhere")).toEqual(["error DATADIR_UNFIT it is not there"]);
});

it.skipIf(process.getuid?.() === 0)("says so where the folder above may not be written to (an account without privileges)", async () => {
  mkdirSync(join(base, "above/data"), { recursive: true });
  chmodSync(join(base, "above"), 0o500);
  expect(await found("above/data")).toEqual([`error DATADIR_UNFIT this worker may not write into ${join(base, "above")}`]);
});

it("names none where none may be replaced", async () => {
  expect(await examineDataDirectories({ config: {} } as unknown as HostRuntime)).toEqual([]);
});
