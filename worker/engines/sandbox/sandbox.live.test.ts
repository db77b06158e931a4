import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RowDataPacket } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { SourceServer } from "#lib/contract/manifest/manifest.ts";
import { Secret } from "#lib/platform/secret.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { identify, readVariables } from "#worker/engines/server/identify.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import { testTools } from "#worker/testing/tools.ts";
import { reapSandboxes } from "./reap.ts";
import { type SandboxRequest, startSandbox } from "./sandbox.ts";

describe.each(["mysql", "mariadb"] as const)("isolated %s", (flavor) => {
  const folder = mkdtempSync(join(tmpdir(), "sg-sandbox-"));
  const tools = testTools().clients[flavor] as ClientTools;
  let source: SourceServer;
  const request = (more: Partial<SandboxRequest> = {}): SandboxRequest => ({ tools, flavor, folder, source, signal: new AbortController().signal, purpose: "test", ...more });
  const runs = (): string[] => readdirSync(folder).filter((name) => name.startsWith("run-"));

  beforeAll(async () => {
    const { socket, user, password } = inject("services")[flavor];
    const connection = await connect({ name: "source", socket, user, password: new Secret(password) });
    source = await identify(connection, "source");
    await connection.end();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("is reachable by its socket only, holds no events, logs nothing, and takes over what changes the meaning of SQL", async () => {
    const sandbox = await startSandbox(request({ source: { ...source, sqlMode: "ANSI_QUOTES,STRICT_TRANS_TABLES", timeZone: "+05:30", collation: "utf8mb4_bin", lowerCaseTableNames: 1 } }));
    try {
      const connection = await connect(sandbox.access);
      const variables = await readVariables(connection);
      expect(Object.fromEntries(["skip_networking", "log_bin", "event_scheduler", "local_infile", "lower_case_table_names", "time_zone", "collation_server"].map((name) => [name, variables.get(name)]))).toEqual({
        skip_networking: "ON", log_bin: "OFF", event_scheduler: flavor === "mysql" ? "DISABLED" : "OFF", local_infile: "OFF", lower_case_table_names: "1", time_zone: "+05:30", collation_server: "utf8mb4_bin",
      });
      expect(variables.get("sql_mode")).toContain("ANSI_QUOTES");
      if (flavor === "mysql") await expect(connection.query("SET GLOBAL event_scheduler = ON")).rejects.toThrow(/event-scheduler/i);
      await connection.query("CREATE DATABASE e");
      await connection.query("CREATE EVENT e.once ON SCHEDULE EVERY 1 SECOND DO CREATE TABLE IF NOT EXISTS e.fired (a INT)");
      expect((await connection.query<RowDataPacket[]>("SELECT EVENT_NAME FROM information_schema.EVENTS"))[0]).toHaveLength(1);
      await expect(connection.query("SELECT 1 INTO OUTFILE '/tmp/salvagente-must-not-be'")).rejects.toThrow(/secure.file.priv/);
      await connection.end();
      await expect(connect({ ...sandbox.access, password: new Secret("") })).rejects.toMatchObject({ code: "SERVER_ACCESS_DENIED" });
      await expect(connect({ ...sandbox.access, user: "root", password: new Secret("") })).rejects.toMatchObject({ code: "SERVER_ACCESS_DENIED" });
      if (process.getuid?.() === 0) expect(statSync(`/proc/${sandbox.pid}`).uid).not.toBe(0);
      expect(readFileSync(`/proc/${sandbox.pid}/cmdline`, "utf8")).not.toContain(sandbox.access.password.reveal());
    } finally {
      await sandbox.destroy();
    }
    expect(runs()).toEqual([]);
    expect(existsSync(sandbox.access.socket ?? "")).toBe(false);
  });

  it("uses a short socket path in a deep folder, and wipes that too", async () => {
    const deep = join(folder, "x".repeat(90));
    const sandbox = await startSandbox(request({ folder: deep }));
    expect((sandbox.access.socket ?? "").length).toBeLessThan(100);
    await sandbox.destroy();
    await sandbox.destroy();
    expect(existsSync(sandbox.access.socket ?? "")).toBe(false);
    expect(readdirSync(deep)).toEqual(["templates"]);
  });

  it("says why it did not start, with the end of the log, and leaves nothing", async () => {
    await expect(startSandbox(request({ source: { ...source, collation: "no_such_collation" } }))).rejects.toMatchObject({ code: "SANDBOX_FAILED", detail: expect.stringMatching(/collation/i) });
    await expect(startSandbox(request({ source: { ...source, version: "99.1.0" } }))).rejects.toMatchObject({ code: "TARGET_TOO_OLD" });
    await expect(startSandbox(request({ dataBytes: 1e18 }))).rejects.toMatchObject({ code: "DISK_SPACE" });
    await expect(startSandbox(request({ tools: { ...tools, mysqld: "/nonexistent/mysqld" } }))).rejects.toMatchObject({ code: "TOOL_MISSING" });
    expect(runs()).toEqual([]);
  });

  it("dies with the signal", async () => {
    const abort = new AbortController();
    const sandbox = await startSandbox(request({ signal: abort.signal }));
    abort.abort();
    expect(await sandbox.ended).toMatchObject({ signal: "SIGKILL" });
    await sandbox.destroy();
    expect(runs()).toEqual([]);
  });

  it("does not outlive a worker that is killed, and the next start wipes what it left", async () => {
    const script = `import { startSandbox } from "#worker/engines/sandbox/sandbox.ts";
      const s = await startSandbox({ ...JSON.parse(process.argv[1]), signal: new AbortController().signal });
      console.log(s.pid); setInterval(() => {}, 1000);`;
    const worker = spawn(process.execPath, ["--input-type=module", "-e", script, JSON.stringify(request())], { stdio: ["ignore", "pipe", "inherit"] });
    const pid = Number(await new Promise<string>((resolve) => worker.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString()))));
    expect(runs()).toHaveLength(1);
    expect(await reapSandboxes(folder)).toEqual([]);
    worker.kill("SIGKILL");
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
    expect(await reapSandboxes(folder)).toHaveLength(1);
    expect(runs()).toEqual([]);
  });
});

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
