import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { makeProgram } from "./program.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

function salvagente(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", MAIN, ...args], { encoding: "utf8", timeout: 18_000 });
}

/** What is wrong before any worker.yaml is read. */
describe("wrong use of the command line", () => {
  it.each<[string, string[]]>([
    ["an unknown command", ["bakcup"]],
    ["no policy", ["backup", "full"]],
    ["an option that does not exist", ["list", "--al"]],
    ["a level that does not exist", ["verify", "db", "x", "--level", "sure"]],
    ["a language that does not exist", ["--lang", "fr", "list"]],
    ["no worker.yaml", ["--config", "/nowhere/worker.yaml", "list"]],
  ])("%s → 2, and one JSON object when asked for", (_what, args) => {
    const end = salvagente("--json", ...args);
    expect(end.status).toBe(2);
    expect(end.stdout).toMatch(/^\{[^\n]*\}\n$/);
    expect(JSON.parse(end.stdout)).toMatchObject({ ok: false, fault: { code: expect.stringMatching(/^(INPUT|CONFIG)_INVALID$/), todo: expect.any(String) } });
    expect(end.stderr).not.toBe("");
  });

  it("knows every command by its name alone", async () => {
    const names = (program: Command): string[] => program.commands.map((command) => command.name());
    const all = names(await makeProgram({}, ["--help"]));
    expect(all.length).toBeGreaterThan(10);
    for (const name of all) expect(names(await makeProgram({}, ["--config", "x", name]))).toContain(name);
    expect(names(await makeProgram({}, ["identity"]))).toEqual(["identity"]);
    expect(names(await makeProgram({}, ["bakcup"]))).toEqual(all);
  });

  it("says nothing on standard output without --json, and helps with 0", () => {
    expect(salvagente("backup")).toMatchObject({ status: 2, stdout: "" });
    expect(salvagente("--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("Exit codes"), stderr: "" });
  });
});
