import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ownerOfServingFolder } from "#worker/engines/mariadb-backup/serving-here.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { tidyAfterDeadRuns } from "#worker/host/tidy.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import { clonesLeft, makeCloneScene } from "#worker/testing/clone-scene.ts";
import { commandLine } from "#worker/testing/command-line.ts";
import { canMount } from "#worker/testing/can-mount.ts";
import type { FaultScene } from "#worker/testing/fault-scene.ts";
import { childrenOf, until } from "#worker/testing/processes.ts";

const GRANTS = ["SELECT, SHOW VIEW, TRIGGER, EVENT, RELOAD, BINLOG MONITOR, PROCESS ON *.*"];

describe("mariadb-backup that cannot be, or is stopped", { timeout: 60_000 }, () => {
  let scene: FaultScene;
  /** A program in the place of the real one, which it starts when it is asked for its version and otherwise as `body` says. */
  let instead: (name: string, body: string) => string;
  let tools: ClientTools;
  /** The server's key for what it encrypts, and room for files of its tables. */
  const away = mkdtempSync(join(tmpdir(), "sg-away-"));
  const keys = join(away, "keys");

  beforeAll(async () => {
    chmodSync(away, 0o777);
    writeFileSync(keys, `1;${"0123456789abcdef".repeat(4)}\n`, { mode: 0o644 });
    scene = await makeCloneScene({ flavor: "mariadb", bulk: 2, serverOptions: ["--plugin-load-add=file_key_management", `--file-key-management-filename=${keys}`], account: { user: "copier", password: "a-Copy-account-1", grants: GRANTS } });
    await scene.sql("CREATE TABLE shop.old (id INT) ENGINE=MyISAM");
    const { mariadb } = scene.live.host.tools.clients;
    if (!mariadb?.mariadbBackup) throw new Error("no MariaDB programs");
    tools = mariadb;
    const programs = join(scene.live.folder, "programs");
    mkdirSync(programs);
    instead = (name, body) => {
      const path = join(programs, name);
      writeFileSync(path, `#!/bin/bash\nreal='${mariadb.mariadbBackup}'\ncase "$*" in *--version*|*--prepare*) exec "$real" "$@";; esac\n${body}\n`, { mode: 0o755 });
      return path;
    };
  }, 120_000);
  afterAll(async () => {
    await scene?.close();
    rmSync(away, { recursive: true, force: true });
  });
  afterEach(() => {
    expect(clonesLeft(scene)).toEqual([]);
    expect(readdirSync(scene.live.host.folders.spool)).toEqual([]);
  });

  const hostWith = (change: Partial<HostRuntime>): HostRuntime => Object.create(scene.live.host, Object.fromEntries(Object.entries(change).map(([key, value]) => [key, { value }]))) as HostRuntime;
  const withProgram = (mariadbBackup: string | undefined, change: Partial<HostRuntime> = {}): HostRuntime => {
    const { mariadbBackup: _own, ...others } = tools;
    return hostWith({ ...change, tools: { ...scene.live.host.tools, clients: { mariadb: { ...others, ...(mariadbBackup ? { mariadbBackup } : {}) } } } });
  };
  const policyWith = (change: object): Pick<HostRuntime, "settings"> => ({ settings: { ...scene.live.host.settings, policies: scene.live.host.settings.policies.map((policy) => ({ ...policy, ...change })) } });
  const impatient = () => policyWith({ lockTimeoutSeconds: 1 });

  it.each([
    ["files cannot be seen", ["REVOKE PROCESS ON *.* FROM copier@localhost"], ["GRANT PROCESS ON *.* TO copier@localhost"], { code: "SERVER_GRANT_MISSING", params: { grant: "PROCESS" } }],
    ["rows in memory only", ["CREATE TABLE shop.gone (id INT) ENGINE=MEMORY"], ["DROP TABLE shop.gone"], { code: "MARIADB_BACKUP_ENGINES", params: { count: 1, tables: "shop.gone (MEMORY)" } }],
    ["a table whose files only the server's key opens", ["CREATE TABLE shop.locked (id INT) ENCRYPTED=YES"], ["DROP TABLE shop.locked"], { code: "CLONE_ENCRYPTED", params: { count: 1, tables: "shop.locked" } }],
    ["a table that lies elsewhere", [`CREATE TABLE shop.far (id INT) DATA DIRECTORY = '${away}'`], ["DROP TABLE shop.far"], { code: "CLONE_FILES_ELSEWHERE", params: { count: 1, tables: "shop/far.isl" } }],
    ["a table held by somebody", ["LOCK TABLES shop.old WRITE"], ["UNLOCK TABLES"], { code: "LOCK_TIMEOUT", params: { seconds: 1 } }],
  ])("is refused before anything is copied: %s", async (_what, make, undo, fault) => {
    await scene.sql(...make);
    try {
      const run = await scene.backup({ host: hostWith(impatient()) });
      expect(run.fault).toMatchObject(fault);
      expect(run.events.some(({ body }) => body.type === "stage-started" && body.stage === "clone")).toBe(false);
    } finally {
      await scene.sql(...undo);
    }
  });

  it("is refused for chosen schemas, as method clone, without the program or with that of another series, and for a server that works elsewhere", async () => {
    const codeOf = async (host: HostRuntime): Promise<unknown> => (await scene.backup({ host })).fault?.code;
    expect(await codeOf(hostWith(policyWith({ schemas: ["shop"] })))).toBe("CLONE_WHOLE_SERVER");
    expect(await codeOf(hostWith(policyWith({ method: "clone" })))).toBe("CLONE_UNSUPPORTED");
    expect(await codeOf(withProgram(undefined))).toBe("TOOL_MISSING");
    const other = join(scene.live.folder, "programs", "other-series");
    writeFileSync(other, "#!/bin/sh\necho \"$0 based on MariaDB server 11.4.2-MariaDB Linux (x86_64)\" >&2\n", { mode: 0o755 });
    expect((await scene.backup({ host: withProgram(other) })).fault).toMatchObject({ code: "PHYSICAL_SERIES", params: { found: "11.4.2-MariaDB", expected: "10.11" } });
    expect(await ownerOfServingFolder(scene.connection, "db", scene.server.dataDir)).toMatchObject({ uid: expect.any(Number) });
    for (const folder of [scene.live.folder, "/nowhere"]) await expect(ownerOfServingFolder(scene.connection, "db", folder)).rejects.toMatchObject({ code: "MARIADB_BACKUP_OTHER_HOST" });
  });

  it.each(["clone", "seal"])("cancelled in stage %s: no program, no server, no copy left", async (stage) => {
    const stop = new AbortController();
    const run = await scene.backup({ signal: stop.signal, onEvent: ({ body }) => { if (body.type === "stage-started" && body.stage === stage) stop.abort(); } });
    expect(run.fault?.code).toBe("CANCELLED");
    expect(childrenOf(process.pid, "mariadb-backup")).toEqual([]);
    expect(childrenOf(process.pid, "mariadbd")).toEqual([scene.server.pid]);
    await scene.nothingLeft(run.runId);
  });

  it("the program killed midway: said so, its locks and its copy gone", async () => {
    // The real one has begun to write its copy when it is killed.
    const program = instead("killed", `"$real" "$@" &\nfor a in "$@"; do case "$a" in --target-dir=*) target=\${a#*=};; esac; done\nuntil [ -e "$target/ib_logfile0" ]; do sleep 0.02; done\nkill -9 $!\nkill -9 $$`);
    const run = await scene.backup({ host: withProgram(program) });
    expect(run.fault).toMatchObject({ code: "MARIADB_BACKUP_FAILED", params: { message: "signal SIGKILL" } });
    await scene.nothingLeft(run.runId);
  });

  it.each([
    ["when it let commits go on", `"$real" "$@" 2> >(grep -v 'All tables unlocked' >&2)`, /let commits go on/],
    ["at which place in the log it stands", `"$real" "$@" || exit\nfor a in "$@"; do case "$a" in --target-dir=*) rm "\${a#*=}"/*_binlog_info;; esac; done`, /no place in the binary log/],
  ])("a program that ends well and does not say %s: CLONE_INCONSISTENT, nothing left", async (what, body, message) => {
    const run = await scene.backup({ host: withProgram(instead(what.replaceAll(" ", "-"), body)) });
    expect(run.fault).toMatchObject({ code: "CLONE_INCONSISTENT", params: { message: expect.stringMatching(message) } });
    await scene.nothingLeft(run.runId);
  });

  it("a lock that is not granted while it copies: it gives up, and nobody waits behind it", async () => {
    const gate = join(scene.live.folder, "held");
    const program = instead("gated", `until [ -e '${gate}' ]; do sleep 0.05; done\nexec "$real" "$@"`);
    const hold = async (): Promise<void> => {
      await scene.sql("LOCK TABLES shop.old WRITE");
      writeFileSync(gate, "");
    };
    let holding: Promise<void> | undefined;
    const run = await scene.backup({ host: withProgram(program, impatient()), onEvent: ({ body }) => { if (body.type === "stage-started" && body.stage === "clone") holding = hold(); } });
    await holding;
    await scene.sql("UNLOCK TABLES");
    expect(run.fault).toMatchObject({ code: "LOCK_TIMEOUT", params: { seconds: 1 } });
    await scene.nothingLeft(run.runId);
  });

  it.skipIf(!canMount())("disk full while it copies (needs root to mount): DISK_FULL, nothing left", async () => {
    const { sandbox } = scene.live.host.folders;
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2g,mode=0711", "tmpfs", sandbox]);
    try {
      const run = await scene.backup({ onEvent: ({ body }) => { if (body.type === "stage-started" && body.stage === "clone") execFileSync("mount", ["-o", `remount,size=${8 * 1024 * 1024}`, sandbox]); } });
      expect(run.fault).toMatchObject({ code: "DISK_FULL" });
      await scene.nothingLeft(run.runId);
      expect((await scene.backup()).fault?.code).toBe("DISK_SPACE");
    } finally {
      execFileSync("umount", ["-l", sandbox]);
    }
  });

  it("the worker killed while it copies: the program goes with it, the next start clears what lies there, and a run works", async () => {
    const began = join(scene.live.folder, "began");
    writeFileSync(began, "", { mode: 0o666 });
    execFileSync("chmod", ["0666", began]);
    const program = instead("waiting", `echo $$ > '${began}'\nwhile [ -e '${began}' ]; do sleep 0.05; done\nexec "$real" "$@"`);
    const { mariadb } = scene.live.host.tools.clients;
    const own = mariadb?.mariadbBackup;
    Object.assign(mariadb ?? {}, { mariadbBackup: program });
    const salvagente = commandLine(scene.live);
    Object.assign(mariadb ?? {}, { mariadbBackup: own });
    const command = salvagente("backup", "full", "--policy", "all");
    await until("the program begun", () => readFileSync(began, "utf8").endsWith("\n"), 60_000);
    const pid = readFileSync(began, "utf8").trim();
    process.kill(command.pid, "SIGKILL");
    await command.end;
    await until("the program gone", () => !existsSync(`/proc/${pid}`) || /\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8")));
    rmSync(began);
    expect(clonesLeft(scene)).toHaveLength(1);
    expect(await tidyAfterDeadRuns(scene.live.host.folders, Date.now())).toContainEqual(expect.stringContaining("/run-"));
    expect((await scene.backup()).fault).toBeUndefined();
  });
});
