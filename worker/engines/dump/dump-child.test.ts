import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Secret } from "#lib/platform/secret.ts";
import { readDataStream } from "./data-stream.ts";
import { gatedFiles } from "#worker/exec/gated-file.ts";
import { type DumpChild, startDump } from "./dump-child.ts";

/** A small real program in the dump program's place: prints what it prints, and fails on demand. */
const PROGRAM = `#!/bin/sh
if [ "$1" = gated ]; then cat "$2" >"$0.login"; shift 2; else cat <&3 >"$0.login"; fi
printf '%s\\n' "$@" >"$0.argv"
env >"$0.env"
head='-- MySQL dump 10.13  Distrib 9.7.0'
rows='--
-- Dumping data for table \`t\`
--

INSERT INTO \`t\` VALUES (1);'
snapshot() { echo '-- Connecting to localhost...' >&2; echo '-- Setting savepoint...' >&2; }
case $1 in
  well) snapshot; echo "$head"; echo "$rows"; echo '-- Dump completed' ;;
  warns) snapshot; echo 'mysqldump: [Warning] Using a password is insecure.' >&2; echo "$rows"; echo '-- Dump completed' ;;
  lies) snapshot; echo "$head"; echo "$rows"; echo '-- Dump completed'; echo "mysqldump: Error: 'Access denied; you need (at least one of) the PROCESS privilege(s) for this operation' when trying to dump tablespaces" >&2 ;;
  couldnt) snapshot; echo "$rows"; echo "mysqldump: Couldn't execute 'SHOW FUNCTION STATUS WHERE Db = \\'s\\'': Access denied (1227)" >&2; exit 2 ;;
  ddl) snapshot; echo "$rows"; echo 'mysqldump: Error 1412: Table definition has changed, please retry transaction when dumping table \`t\` at row: 1' >&2; exit 3 ;;
  dropped) echo "mysqldump: Couldn't find table: \\"t\\"; Table 's.t' doesn't exist (1146)" >&2; exit 2 ;;
  password) echo "mysqldump: Got error: 1045: Access denied for user 'b'@'localhost' (using password: YES) when trying to connect" >&2; exit 2 ;;
  silent) exit 0 ;;
  killed) snapshot; echo "$rows"; kill -KILL $$ ;;
  hangs) snapshot; echo "$rows"; exec sleep 600 ;;
esac
`;

let folder: string;
let program: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sg-dump-"));
  program = join(folder, "mysqldump");
  writeFileSync(program, PROGRAM);
  chmodSync(program, 0o700);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(how: string, signal = new AbortController().signal): DumpChild {
  return startDump({ program, args: [how], login: new Secret("[client]\npassword=pa$$w'ord\n"), signal });
}

async function outcome(how: string): Promise<{ tables: string[]; read: unknown; settled: unknown; inSnapshot: unknown }> {
  const child = start(how);
  const tables: string[] = [];
  const ignore = { begin: (_schema: string, table: string) => void tables.push(table), rows: () => undefined, end: () => undefined };
  const code = (error: unknown): unknown => (error as { code?: unknown }).code ?? error;
  const read = await readDataStream(child.output, "s", ignore).then(() => "whole", code);
  return { tables, read, settled: await child.settle().then(() => "believed", code), inSnapshot: await child.inSnapshot.then(() => true, code) };
}

describe("a dump child", () => {
  it.each([
    ["well", { tables: ["t"], read: "whole", settled: "believed", inSnapshot: true }],
    ["warns", { read: "whole", settled: "believed" }],
    ["lies", { read: "whole", settled: "DUMP_FAILED" }],
    ["couldnt", { read: "DUMP_TRUNCATED", settled: "DUMP_FAILED" }],
    ["ddl", { read: "DUMP_TRUNCATED", settled: "DDL_DURING_DUMP" }],
    ["dropped", { read: "DUMP_TRUNCATED", settled: "DDL_DURING_DUMP", inSnapshot: "DDL_DURING_DUMP" }],
    ["password", { read: "DUMP_TRUNCATED", settled: "DUMP_FAILED", inSnapshot: "DUMP_FAILED" }],
    ["silent", { tables: [], read: "DUMP_TRUNCATED", settled: "believed", inSnapshot: "DUMP_FAILED" }],
    ["killed", { read: "DUMP_TRUNCATED", settled: "DUMP_FAILED", inSnapshot: true }],
  ])("%s", async (how, expected) => {
    expect(await outcome(how)).toMatchObject(expected);
  });

  it("says what the program said, and keeps its last lines", async () => {
    const child = start("password");
    child.tool.stdout?.resume();
    await expect(child.settle()).rejects.toMatchObject({ params: { tool: "mysqldump", message: expect.stringContaining("1045") }, detail: expect.stringContaining("1045") });
  });

  it("gets the login by descriptor 3 and by nothing else", async () => {
    await outcome("well");
    expect(readFileSync(`${program}.login`, "utf8")).toContain("pa$$w'ord");
    expect(readFileSync(`${program}.argv`, "utf8") + readFileSync(`${program}.env`, "utf8")).not.toContain("w'ord");
  });

  describe("at a gate", () => {
    const NICENESS = 19;
    const LOGIN = "[client]\npassword=at-the-gate\n";
    const gated = async (how: string, signal = new AbortController().signal): Promise<DumpChild> => {
      rmSync(`${program}.login`, { force: true });
      const { files, discard } = await gatedFiles(1);
      const child = startDump({ program, args: ["gated", files[0]?.path ?? "", how], login: new Secret(LOGIN), gate: files[0], signal, niceness: NICENESS });
      child.tool.stdout?.resume();
      await child.atGate.catch(() => undefined);
      await discard();
      return child;
    };

    it("stands before it knows its login, and goes on with it", async () => {
      const child = await gated("well");
      let inside = false;
      child.inSnapshot.then(() => (inside = true), () => undefined);
      // it waits within open(2) or read(2) of what nobody has written yet
      expect([inside, readFileSync(`${program}.login`, "utf8")]).toEqual([false, ""]);
      child.letIn();
      await child.settle();
      expect([inside, readFileSync(`${program}.login`, "utf8")]).toEqual([true, LOGIN]);
    });

    it("gives way to others only once it stands in its snapshot: until then writers wait for it", async () => {
      const stop = new AbortController();
      const child = await gated("hangs", stop.signal);
      expect(getPriority(child.tool.pid)).toBe(getPriority());
      child.letIn();
      await child.inSnapshot;
      expect(getPriority(child.tool.pid)).toBe(NICENESS);
      stop.abort();
      await expect(child.settle()).rejects.toMatchObject({ code: "CANCELLED" });
    });

    it("says what ended it, when it never came there", async () => {
      rmSync(`${program}.login`, { force: true });
      const { files, discard } = await gatedFiles(1);
      const child = startDump({ program, args: ["password"], login: new Secret(LOGIN), gate: files[0], signal: new AbortController().signal });
      child.tool.stdout?.resume();
      await expect(child.atGate).rejects.toMatchObject({ code: "DUMP_FAILED", detail: expect.stringContaining("1045") });
      await discard();
    });

    it("ends there when the run is cancelled", async () => {
      const stop = new AbortController();
      const child = await gated("well", stop.signal);
      stop.abort();
      await expect(child.settle()).rejects.toMatchObject({ code: "CANCELLED" });
      await expect(child.inSnapshot).rejects.toMatchObject({ code: "CANCELLED" });
      expect(readFileSync(`${program}.login`, "utf8")).toBe("");
    });
  });

  it("ends when the run is cancelled, and says so", async () => {
    const stop = new AbortController();
    const child = start("hangs", stop.signal);
    child.tool.stdout?.resume();
    await child.inSnapshot;
    stop.abort();
    await expect(child.settle()).rejects.toMatchObject({ code: "CANCELLED" });
    expect(() => process.kill(child.tool.pid, 0)).toThrow("ESRCH");
  });
});
