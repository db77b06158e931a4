import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, linkSync, mkdirSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { until } from "#worker/testing/processes.ts";
import { holderOf } from "./holder.ts";

let base = "";
let children: ChildProcess[] = [];
const data = (name = ""): string => join(base, "data", name);

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "sg-holder-")));
  for (const folder of ["data", "data/shop", "data-2"]) mkdirSync(join(base, folder));
  for (const file of ["data/ibdata1", "data/shop/orders.ibd", "data-2/ibdata1"]) writeFileSync(join(base, file), "");
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children = [];
  rmSync(base, { recursive: true, force: true });
});

/** A process that has a file open. */
function opening(path: string): number {
  const file = openSync(path, "r");
  const child = spawn("sleep", ["1000"], { stdio: [file, "ignore", "ignore"] });
  closeSync(file);
  children.push(child);
  return child.pid ?? 0;
}

it("names who has a file of the directory open, in whatever folder of it; a neighbour whose name begins alike does not count", () => {
  expect(holderOf(data())).toBeNull();
  opening(join(base, "data-2", "ibdata1"));
  expect(holderOf(data())).toBeNull();
  const pid = opening(data("shop/orders.ibd"));
  expect(holderOf(data())).toEqual({ pid, program: "sleep" });
});

it("names who has locked one of its files, by whatever path: a container has its own", async () => {
  const other = join(base, "elsewhere");
  linkSync(data("ibdata1"), other);
  const child = spawn("flock", ["--no-fork", other, "sleep", "1000"], { stdio: "ignore" });
  children.push(child);
  const lockOf = (): string | undefined => readFileSync("/proc/locks", "utf8").split("\n").find((line) => line.includes(` ${child.pid} `));
  await until("locked", () => lockOf() !== undefined && readFileSync(`/proc/${child.pid}/comm`, "utf8") === "sleep\n");
  expect(lockOf()).toContain(`:${statSync(other).ino} `);
  expect(holderOf(data())).toEqual({ pid: child.pid, program: "sleep" });
  child.kill("SIGKILL");
  await until("unlocked", () => holderOf(data()) === null);
});
