import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Secret } from "#lib/platform/secret.ts";
import { type GatedFile, gatedFiles, withParent } from "./gated-file.ts";
import { run } from "./run.ts";
import { type RunningTool, spawnTool } from "./spawn-tool.ts";

const PATIENCE_MS = 30_000;
const readers: RunningTool[] = [];

afterEach(() => {
  for (const reader of readers.splice(0)) reader.kill();
});

/** A program that opens the file, reads it to its end and prints it. */
function reader(path: string): { tool: RunningTool; text: () => string } {
  const tool = spawnTool("cat", ["--", path]);
  readers.push(tool);
  let text = "";
  tool.stdout?.on("data", (chunk: Buffer) => {
    text += chunk.toString("utf8");
  });
  return { tool, text: () => text };
}

const one = async (): Promise<{ file: GatedFile; discard: () => Promise<void> }> => {
  const { files, discard } = await gatedFiles(1);
  return { file: files[0] as GatedFile, discard };
};
const patience = (): AbortSignal => AbortSignal.timeout(PATIENCE_MS);

describe("a gated file", () => {
  it("holds its reader back until it is told, and then says the whole, its name gone or not", async () => {
    const { file, discard } = await one();
    expect(statSync(file.path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file.path)).mode & 0o777).toBe(0o700);
    const { tool, text } = reader(file.path);
    await file.opened(patience());
    await discard();
    expect(existsSync(dirname(file.path))).toBe(false);
    let ended = false;
    tool.done.then(() => (ended = true), () => undefined);
    // the reader waits in the kernel: it is asleep and has read nothing
    expect([text(), ended]).toEqual(["", false]);
    // more than a pipe holds
    const content = "password=ö\n".repeat(100_000);
    file.release(new Secret(content));
    expect(await tool.done).toMatchObject({ code: 0 });
    expect(text()).toBe(content);
  });

  it("is not opened as long as nobody came, and says so when its signal does", async () => {
    const { file, discard } = await one();
    const stop = new AbortController();
    const opened = file.opened(stop.signal);
    const reason = new Error("enough");
    stop.abort(reason);
    await expect(opened).rejects.toBe(reason);
    expect(() => file.release(new Secret("x"))).toThrow("nobody has opened");
    await discard();
  });

  it("a reader that is gone harms nobody; one that waits for a closed file gets an empty one", async () => {
    const { files, discard } = await gatedFiles(2);
    const [first, second] = files as [GatedFile, GatedFile];
    const [killed, waiting] = [reader(first.path), reader(second.path)];
    await Promise.all([first.opened(patience()), second.opened(patience())]);
    await discard();
    process.kill(killed.tool.pid, "SIGKILL");
    await killed.tool.done;
    first.release(new Secret("too late"));
    second.close();
    second.close();
    expect(await waiting.tool.done).toMatchObject({ code: 0 });
    expect(waiting.text()).toBe("");
  });

  it("its reader starts only while its parent lives", async () => {
    const echo = (parent?: number): ReturnType<typeof run> => {
      const [sh = "", ...args] = withParent(["/bin/echo", "it's $me"], parent);
      return run(sh, args);
    };
    expect(await echo()).toMatchObject({ code: 0, stdout: "it's $me\n" });
    expect(await echo(1)).toMatchObject({ code: 1, stdout: "" });
  });

  it("none is asked for: nothing is made", async () => {
    expect((await gatedFiles(0)).files).toEqual([]);
  });
});
