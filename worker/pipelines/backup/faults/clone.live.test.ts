import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { tidyAfterDeadRuns } from "#worker/host/tidy.ts";
import { canMount } from "#worker/testing/can-mount.ts";
import { clonesLeft, makeCloneScene } from "#worker/testing/clone-scene.ts";
import { type FaultScene, findingCodes } from "#worker/testing/fault-scene.ts";
import { childrenOf } from "#worker/testing/processes.ts";

const GRANTS = ["SELECT, SHOW VIEW, TRIGGER, EVENT, FLUSH_TABLES, REPLICATION CLIENT, BACKUP_ADMIN, PROCESS ON *.*"];

describe("a clone that cannot be, or is stopped", () => {
  let scene: FaultScene;

  beforeAll(async () => {
    scene = await makeCloneScene({ bulk: 2, account: { user: "cloner", password: "a-Clone-account-1", grants: GRANTS } });
  }, 120_000);
  afterAll(() => scene?.close());
  afterEach(() => {
    expect(clonesLeft(scene)).toEqual([]);
    expect(readdirSync(scene.live.host.folders.spool)).toEqual([]);
  });

  const codeOf = async (host?: HostRuntime): Promise<string | undefined> => (await scene.backup(host ? { host } : {})).fault?.code;
  const hostWith = (change: Partial<HostRuntime>): HostRuntime => Object.create(scene.live.host, Object.fromEntries(Object.entries(change).map(([key, value]) => [key, { value }]))) as HostRuntime;

  it.each([
    ["the plugin is gone", ["UNINSTALL PLUGIN clone"], ["INSTALL PLUGIN clone SONAME 'mysql_clone.so'"], "CLONE_PLUGIN_MISSING", /INSTALL PLUGIN/],
    ["a privilege is missing", ["REVOKE BACKUP_ADMIN ON *.* FROM cloner@localhost"], ["GRANT BACKUP_ADMIN ON *.* TO cloner@localhost"], "SERVER_GRANT_MISSING", /BACKUP_ADMIN/],
    ["files cannot be seen", ["REVOKE PROCESS ON *.* FROM cloner@localhost"], ["GRANT PROCESS ON *.* TO cloner@localhost"], "SERVER_GRANT_MISSING", /PROCESS/],
    ["a table shows rows of others", ["CREATE TABLE shop.old (id INT) ENGINE=MERGE UNION=()"], ["DROP TABLE shop.old"], "CLONE_OTHER_ENGINES", /shop\.old \(MRG_MYISAM\)/],
    ["a table that is not InnoDB cannot be held", ["CREATE TABLE shop.old (id INT) ENGINE=MyISAM"], ["DROP TABLE shop.old"], "SERVER_GRANT_MISSING", /GRANT LOCK TABLES ON `shop`/],
    ["the redo log is off", ["ALTER INSTANCE DISABLE INNODB REDO_LOG"], ["ALTER INSTANCE ENABLE INNODB REDO_LOG"], "CLONE_REDO_OFF", /./],
  ])("is refused before anything is copied: %s", async (_what, make, undo, code, words) => {
    await scene.sql(...make);
    try {
      const run = await scene.backup();
      expect(run.fault).toMatchObject({ code });
      expect(JSON.stringify(run.fault?.params) + code).toMatch(code === "CLONE_PLUGIN_MISSING" ? /db/ : words);
      expect(run.events.some(({ body }) => body.type === "stage-started" && body.stage === "clone")).toBe(false);
    } finally {
      await scene.sql(...undo);
    }
  });

  it("is refused for chosen schemas, as mariadb-backup, on another host, and with programs of another series", async () => {
    const { host, folder } = scene.live;
    const policies = host.settings.policies.map((policy) => ({ ...policy, schemas: ["shop"] }));
    expect(await codeOf(hostWith({ settings: { ...host.settings, policies } }))).toBe("CLONE_WHOLE_SERVER");
    const ofMariadb = host.settings.policies.map((policy) => ({ ...policy, method: "mariadb-backup" as const }));
    expect(await codeOf(hostWith({ settings: { ...host.settings, policies: ofMariadb } }))).toBe("MARIADB_BACKUP_UNSUPPORTED");
    const newer = join(folder, "mysqld");
    writeFileSync(newer, "#!/bin/sh\necho \"$0  Ver 10.1.0 for Linux on x86_64\"\n", { mode: 0o755 });
    const { mysql } = host.tools.clients;
    if (!mysql) throw new Error("no MySQL programs");
    expect(await codeOf(hostWith({ tools: { ...host.tools, clients: { mysql: { ...mysql, mysqld: newer } } } }))).toBe("PHYSICAL_SERIES");
    // Another server's identity lies where this one says that its data are.
    const identity = join(scene.server.dataDir, "auto.cnf");
    const own = execFileSync("cat", [identity], { encoding: "utf8" });
    writeFileSync(identity, own.replace(/server-uuid=.*/, "server-uuid=00000000-0000-0000-0000-000000000000"));
    expect(await codeOf()).toBe("CLONE_OTHER_HOST");
    writeFileSync(identity, own);
  });

  it("cancelled while the server copies: the statement is gone from the server, the copy from the disk", async () => {
    const stop = new AbortController();
    const run = await scene.backup({ signal: stop.signal, onEvent: ({ body }) => { if (body.type === "stage-started" && body.stage === "clone") stop.abort(); } });
    expect(run.fault?.code).toBe("CANCELLED");
    expect(await scene.value("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'CLONE LOCAL%' AND ID <> CONNECTION_ID()")).toBe("0");
    await scene.nothingLeft(run.runId);
  });

  const withSql = (): HostRuntime => hostWith({ settings: { ...scene.live.host.settings, policies: scene.live.host.settings.policies.map((policy) => ({ ...policy, alsoDump: true })) } });

  it.each(["inventory", "dump", "seal"])("cancelled in stage %s: no server, no copy, no archive left", async (stage) => {
    const stop = new AbortController();
    const run = await scene.backup({ host: withSql(), signal: stop.signal, onEvent: ({ body }) => { if (body.type === "stage-started" && body.stage === stage) stop.abort(); } });
    expect(run.fault?.code).toBe("CANCELLED");
    expect(childrenOf(process.pid, "mysqld")).toEqual([scene.server.pid]);
    expect(childrenOf(process.pid, "gpg")).toEqual([]);
    await scene.nothingLeft(run.runId);
  });

  it.skipIf(!canMount())("disk full while the server copies (needs root to mount): DISK_FULL, nothing left", async () => {
    const { sandbox } = scene.live.host.folders;
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1g,mode=0711", "tmpfs", sandbox]);
    try {
      const run = await scene.backup({ onEvent: ({ body }) => { if (body.type === "stage-started" && body.stage === "clone") execFileSync("mount", ["-o", `remount,size=${32 * 1024 * 1024}`, sandbox]); } });
      expect(run.fault).toMatchObject({ code: "DISK_FULL" });
      await scene.nothingLeft(run.runId);
      expect(clonesLeft(scene)).toEqual([]);
      execFileSync("mount", ["-o", `remount,size=${64 * 1024 * 1024}`, sandbox]);
      expect(await codeOf()).toBe("DISK_SPACE");
    } finally {
      execFileSync("umount", ["-l", sandbox]);
    }
  });

  it("a killed worker's copy is cleared by the next start", async () => {
    const left = join(scene.live.host.folders.sandbox, "run-killed");
    mkdirSync(join(left, "data"), { recursive: true });
    writeFileSync(join(left, "data", "ibdata1"), "never-to-be-read-outside");
    writeFileSync(join(left, "owner.json"), JSON.stringify({ worker: { pid: 2 ** 22, startedAt: "1" } }));
    expect(await tidyAfterDeadRuns(scene.live.host.folders, Date.now())).toEqual([left]);
  });

  it("where the SQL of the same instant cannot be stored, the data files stand, and the run says what is missing", async () => {
    const { spool } = scene.live.host.folders;
    const run = await scene.backup({ host: withSql(), onEvent: ({ runId, body }) => { if (body.type === "stage-started" && body.stage === "twin") rmSync(join(spool, runId, "sql"), { recursive: true }); } });
    expect(run).toMatchObject({ outcome: "warning", value: { manifest: { method: "clone" } } });
    expect(run.value?.twin).toBeUndefined();
    expect(findingCodes(run)).toContain("NO_COPY_STORED");
  });

  it("works with the least privileges, once nothing stands in its way", async () => {
    const run = await scene.backup();
    expect(run.fault).toBeUndefined();
    expect(findingCodes(run)).not.toContain("SERVER_GRANT_MISSING");
  });
});
