import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
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
    expect(JSON.parse(end.stdout)).toMatchObject({ ok: false, fault: { code: expect.stringMatching(/^(INPUT_INVALID|CONFIG_UNREADABLE)$/), todo: expect.any(String) } });
    expect(end.stderr).not.toBe("");
  });

  it("a file that is not there, or is none: what, why, what to do, and not where in the program that was found", () => {
    for (const [file, words, italian] of [["/nowhere/worker.yaml", "no such file or directory", "il file o la cartella non esiste"], ["/", "illegal operation on a directory", "è una cartella"]] as const) {
      expect(salvagente("--config", file, "backup", "full", "--policy", "x")).toMatchObject({ status: 2, stdout: "", stderr: expect.stringMatching(new RegExp(`^CONFIG_UNREADABLE: ${file} cannot be read: ${words}\\n  .+\\n  .+--config.+\\n$`)) });
      expect(salvagente("--config", file, "--lang", "it", "list").stderr).toMatch(new RegExp(`^CONFIG_UNREADABLE: ${file} non si può leggere: ${italian}\\n  .+\\n  .+\\n$`));
      expect(salvagente("restore", file).stderr).toMatch(new RegExp(`^INPUT_INVALID: .*${file}: ${words}\\n  .+\\n  .+\\n$`));
    }
  });

  it("tells its version", () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
    for (const flag of ["--version", "-V"]) expect(salvagente(flag)).toEqual(expect.objectContaining({ status: 0, stdout: `${version}\n`, stderr: "" }));
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
    expect(salvagente("help")).toMatchObject({ status: 0, stdout: salvagente("--help").stdout, stderr: "" });
    expect(salvagente("help", "restore")).toMatchObject({ status: 0, stdout: expect.stringContaining("Usage: salvagente restore"), stderr: "" });
  });
});
