import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { basename, join } from "node:path";
import { expect, it } from "vitest";

/** A worker in small: starts three children that would run for a minute, the third of which is halted as soon as it is its program, names them, and waits. */
const WORKER = `
  const { spawnTool } = await import(process.argv[1]);
  const first = spawnTool("sleep", ["61"]);
  const second = spawnTool("sh", ["-c", "exec sleep 62"], { stdin: "pipe" });
  const third = spawnTool("sleep", ["63"], { haltable: true });
  const { readFileSync } = await import("node:fs");
  while (!readFileSync("/proc/" + third.pid + "/stat", "utf8").includes("(sleep) S")) await new Promise((resolve) => setTimeout(resolve, 20));
  third.halt();
  process.on("SIGUSR2", () => process.exit(3));
  console.log(JSON.stringify([first.pid, second.pid, third.pid]));
  setInterval(() => {}, 1000);
`;

/** On a busy machine a signal may wait long for its turn. */
const PATIENCE_MS = 50_000;

it.each(["SIGKILL", "SIGUSR2"] as const)("children do not outlive a worker that ends by %s", async (signal) => {
  const worker = spawn(process.execPath, ["--input-type=module", "-e", WORKER, pathToFileURL(join(import.meta.dirname, "spawn-tool.ts")).href], { stdio: ["ignore", "pipe", "inherit"] });
  const said = await new Promise<string>((resolve, reject) => {
    worker.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString()));
    worker.once("exit", (code) => reject(new Error(`the worker in small ended with ${code}`)));
  });
  const pids = JSON.parse(said) as number[];
  // Between fork and exec a child still bears another name; under setpriv's it may not be bound to its parent yet.
  await expect.poll(() => pids.map((pid) => isNamed(pid, ["sh", "sleep"])), { timeout: PATIENCE_MS }).toEqual([true, true, true]);
  worker.kill(signal);
  await expect.poll(() => pids.map((pid) => isNamed(pid, ["setpriv", "sh", "sleep"])), { timeout: PATIENCE_MS }).toEqual([false, false, false]);
}, 3 * PATIENCE_MS);

function isNamed(pid: number, names: readonly string[]): boolean {
  try {
    const [program = ""] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return names.includes(basename(program));
  } catch {
    return false;
  }
}
