import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withRunLock } from "./run-lock.ts";
import { processMark } from "./run-owner.ts";

let folder: string;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sg-lock-"));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** Another process that takes the lock and holds it until it is killed. */
async function holder(): Promise<ChildProcess> {
  const script = `import { withRunLock } from "#worker/host/run-lock.ts"; await withRunLock(${JSON.stringify(folder)}, "backup-db", () => { console.log("held"); return new Promise((r) => setTimeout(r, 60_000)); });`;
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  await once(child.stdout as NodeJS.ReadableStream, "data");
  return child;
}

describe("withRunLock", () => {
  it("lets one in, and the next when it is done, whatever became of it", async () => {
    const second = Promise.withResolvers<void>();
    const first = withRunLock(folder, "backup-db", () => second.promise);
    await expect(withRunLock(folder, "backup-db", async () => "in")).rejects.toMatchObject({ code: "RUN_ALREADY_ACTIVE", params: { subject: "backup-db" } });
    expect(await withRunLock(folder, "backup-other", async () => "in")).toBe("in");
    second.reject(new Error("failed"));
    await expect(first).rejects.toThrow("failed");
    expect(await withRunLock(folder, "backup-db", async () => "in")).toBe("in");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("stands against another process while it lives, and is taken over when it was killed", async () => {
    const other = await holder();
    await expect(withRunLock(folder, "backup-db", async () => "in")).rejects.toMatchObject({ code: "RUN_ALREADY_ACTIVE" });
    const gone = once(other, "exit");
    other.kill("SIGKILL");
    await gone;
    expect(await withRunLock(folder, "backup-db", async () => "in")).toBe("in");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("a pid that was given to another process is no owner", async () => {
    writeFileSync(join(folder, "backup-db.lock"), `${process.pid} 1`);
    expect(await withRunLock(folder, "backup-db", async () => "in")).toBe("in");
    writeFileSync(join(folder, "backup-db.lock"), "");
    expect(await withRunLock(folder, "backup-db", async () => "in")).toBe("in");
  });

  it("of many that find a dead owner's lock at once, one gets it", async () => {
    writeFileSync(join(folder, "backup-db.lock"), "999999 1");
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => withRunLock(folder, "backup-db", () => new Promise((resolve) => setTimeout(resolve, 50)))));
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
  });

  it("keeps names out of the path", async () => {
    await withRunLock(folder, "../../x/ü", async () => {
      expect(readdirSync(folder)).toEqual([".._.._x__.lock"]);
    });
  });
});

it("the mark of this process names its start", () => {
  expect(processMark(process.pid)).toMatch(new RegExp(`^${process.pid} \\d+$`));
  expect(processMark(999_999_999)).toBe("");
});
