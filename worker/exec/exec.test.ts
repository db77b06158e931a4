import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Fault } from "#lib/domain/fault/fault.ts";
import { Secret } from "#lib/platform/secret.ts";
import { childEnvironment } from "./environment.ts";
import { locate } from "./launch.ts";
import { run } from "./run.ts";
import { spawnTool } from "./spawn-tool.ts";

/** On a busy machine a signal may wait long for its turn. */
const PATIENT = { timeout: 15_000 };

const sh = (script: string, ...args: string[]): string[] => ["-c", script, "sh", ...args];

describe("run", () => {
  it("gives exit code and both outputs, and passes argv untouched", async () => {
    const result = await run("sh", sh('printf "%s" "$1"; echo oops >&2; exit 3', "a b; $(id) 'ö'"));
    expect(result).toMatchObject({ code: 3, signal: null, stdout: "a b; $(id) 'ö'", stderr: "oops\n" });
  });

  it("feeds standard input, a Secret included", async () => {
    expect((await run("cat", [], { stdin: new Secret("pässword") })).stdout).toBe("pässword");
  });

  it("survives a child that does not read its input", async () => {
    expect((await run("true", [], { stdin: Buffer.alloc(4_000_000) })).code).toBe(0);
  });

  it("says TOOL_MISSING for what is not there", async () => {
    await expect(run("/nonexistent/mysqldump", [])).rejects.toMatchObject({ code: "TOOL_MISSING" });
    await expect(run("", [])).rejects.toMatchObject({ code: "TOOL_MISSING" });
    await expect(run("/tmp", [])).rejects.toMatchObject({ code: "TOOL_MISSING" });
  });

  it("ends the child on timeout, on abort and on too much output", async () => {
    await expect(run("sleep", ["60"], { timeoutMs: 50 })).rejects.toMatchObject({ code: "TOOL_FAILED" });
    await expect(run("yes", [], { stdoutLimit: 1000 })).rejects.toMatchObject({ code: "TOOL_FAILED" });
    const abort = new AbortController();
    const running = run("sleep", ["60"], { signal: abort.signal });
    abort.abort(new Fault("INTERRUPTED"));
    await expect(running).rejects.toMatchObject({ code: "INTERRUPTED" });
    await expect(run("sleep", ["60"], { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "CANCELLED" });
  });
});

describe("a command that leaves a daemon behind", () => {
  it("does not hold us beyond the time limit, and the daemon lives", async () => {
    let daemon = 0;
    const child = spawnTool("sh", sh("sleep 60 & echo $!"));
    child.stdout?.on("data", (chunk: Buffer) => {
      daemon = Number(chunk.toString());
    });
    setTimeout(child.kill, 200);
    expect(await child.done).toMatchObject({ code: 0 });
    expect(isAlive(daemon)).toBe(true);
    process.kill(daemon, "SIGKILL");
    await expect(run("sh", sh("sleep 1 & exit 0"), { timeoutMs: 100 })).rejects.toMatchObject({ code: "TOOL_FAILED" });
  });
});

describe("secrets on descriptors", () => {
  it("can be read from the descriptor and by its name, more than once by name, and lie in no path", async () => {
    const script = 'cat <&3; cat /dev/fd/3; cat /dev/fd/3; readlink /proc/self/fd/3; stat -L -c %a /dev/fd/3';
    const { stdout } = await run("sh", sh(script), { extraFds: { 3: new Secret("s3cret\n") } });
    const [a, b, c, path, mode] = stdout.split("\n");
    expect([a, b, c]).toEqual(["s3cret", "s3cret", "s3cret"]);
    expect(path).toMatch(/\(deleted\)$/);
    expect(mode).toBe("600");
  });

  it("are in neither argv nor environment, and our descriptor is closed", async () => {
    const before = readdirSync("/proc/self/fd").length;
    const child = spawnTool("sleep", ["60"], { extraFds: { 3: new Secret("s3cret"), 5: "five" } });
    expect(readFileSync(`/proc/${child.pid}/cmdline`, "utf8")).not.toContain("s3cret");
    expect(readFileSync(`/proc/${child.pid}/environ`, "utf8")).not.toContain("s3cret");
    child.kill();
    await child.done;
    expect(readdirSync("/proc/self/fd").length).toBeLessThanOrEqual(before);
  });
});

describe("environment", () => {
  it("is clean: nothing of ours but what tools need", async () => {
    process.env.SALVAGENTE_TEST_SECRET = "do not leak";
    const { stdout } = await run("env", [], { env: { EXTRA: "1" } });
    delete process.env.SALVAGENTE_TEST_SECRET;
    const names = stdout.trim().split("\n").map((line) => line.split("=")[0]);
    expect(names.filter((name) => !["PATH", "HOME", "LANG", "TZ", "EXTRA", "LIBMYSQL_PLUGIN_DIR", "PWD", "_", "SHLVL"].includes(name ?? ""))).toEqual([]);
    expect(stdout).toContain("LANG=C.UTF-8\n");
    expect(stdout).toContain("TZ=UTC\n");
    expect(childEnvironment({}, { LIBMYSQL_PLUGIN_DIR: "/p", AWS_SECRET_ACCESS_KEY: "x" })).toEqual({
      PATH: expect.any(String), LANG: "C.UTF-8", TZ: "UTC", LIBMYSQL_PLUGIN_DIR: "/p",
    });
  });
});

describe("spawnTool", () => {
  it("streams lines of standard error and keeps only its tail", async () => {
    const lines: string[] = [];
    const child = spawnTool("sh", sh('i=0; while [ $i -lt 2000 ]; do echo "line $i" >&2; i=$((i+1)); done; printf last >&2; exit 4'), {
      onStderrLine: (line) => lines.push(line),
    });
    child.stdout?.resume();
    const end = await child.done;
    expect(end.code).toBe(4);
    expect(lines).toHaveLength(2001);
    expect(lines.at(-1)).toBe("last");
    expect(end.stderrTail.length).toBeLessThanOrEqual(8000);
    expect(end.stderrTail.endsWith("line 1999\nlast\n")).toBe(true);
  });

  it("joins two children in the kernel and loses no byte", async () => {
    const first = spawnTool("sh", sh("head -c 3000000 /dev/zero"));
    const second = spawnTool("wc", ["-c"], { stdin: first.stdout ?? "ignore" });
    const chunks: Buffer[] = [];
    second.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
    const ends = await Promise.all([first.done, second.done]);
    expect(ends.map((end) => end.code)).toEqual([0, 0]);
    expect(Buffer.concat(chunks).toString().trim()).toBe("3000000");
  });

  it("kills grandchildren too, which hold the output open", async () => {
    const child = spawnTool("sh", sh("sleep 60 & echo $!; wait"));
    const grandchild = Number(await new Promise<string>((resolve) => child.stdout?.once("data", (chunk: Buffer) => resolve(chunk.toString()))));
    child.kill();
    const end = await child.done;
    expect(end).toMatchObject({ signal: "SIGTERM", killed: true });
    await expect.poll(() => isAlive(grandchild)).toBe(false);
  });

  it("halts a program and lets it go on, and ends one that stands", async () => {
    const child = spawnTool("sleep", ["60"], { haltable: true });
    await expect.poll(() => stateOf(child.pid), PATIENT).toBe("S sleep");
    child.halt();
    await expect.poll(() => stateOf(child.pid), PATIENT).toBe("T sleep");
    child.resume();
    await expect.poll(() => stateOf(child.pid), PATIENT).toBe("S sleep");
    child.halt();
    child.kill();
    // It took the signal at once, not the one that comes five seconds later.
    expect(await child.done).toMatchObject({ signal: "SIGTERM", killed: true });
    child.halt();
    child.resume();
  });

  it("halts nothing that was not started for it: a dead worker would leave it so", async () => {
    const child = spawnTool("sleep", ["60"]);
    child.halt();
    child.kill();
    expect(await child.done).toMatchObject({ signal: "SIGTERM" });
    const other = spawnTool("sleep", ["60"], { haltable: true });
    other.kill();
    other.halt();
    expect(await other.done).toMatchObject({ signal: "SIGTERM" });
  });

  it("says that it was not killed when it died by itself", async () => {
    const child = spawnTool("sh", sh("kill -9 $$"));
    child.stdout?.resume();
    expect(await child.done).toMatchObject({ code: null, signal: "SIGKILL", killed: false });
  });
});

describe("locate", () => {
  it("finds by name and by path", () => {
    expect(locate("sh")).toMatch(/\/sh$/);
    expect(locate(locate("sh"))).toBe(locate("sh"));
  });
});

/** Letter of its state and name of its program, as in /proc. */
function stateOf(pid: number): string {
  const [, name, state] = /^\d+ \((.*)\) (.)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
  return `${state} ${name}`;
}

/** Alive and no zombie that only waits for somebody to collect it. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
