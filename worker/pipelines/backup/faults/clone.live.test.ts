import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection } from "mysql2/promise";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Secret } from "#lib/platform/secret.ts";
import { cloneCoordinate } from "#worker/engines/clone/clone-coordinate.ts";
import { connect } from "#worker/engines/server/connect.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { tidyAfterDeadRuns } from "#worker/host/tidy.ts";
import { canMount } from "#worker/testing/can-mount.ts";
import { clonesLeft, makeCloneScene } from "#worker/testing/clone-scene.ts";
import { type FaultScene, findingCodes } from "#worker/testing/fault-scene.ts";
import { childrenOf, until } from "#worker/testing/processes.ts";

const GRANTS = ["SELECT, SHOW VIEW, TRIGGER, EVENT, FLUSH_TABLES, REPLICATION CLIENT, BACKUP_ADMIN, PROCESS ON *.*"];

describe("a clone that cannot be, or is stopped", () => {
  let scene: FaultScene;
  /** The server may keep data files there. */
  const away = mkdtempSync(join(tmpdir(), "sg-away-"));

  beforeAll(async () => {
    chmodSync(away, 0o777);
    scene = await makeCloneScene({ bulk: 2, keyring: true, serverOptions: [`--innodb-directories=${away}`], account: { user: "cloner", password: "a-Clone-account-1", grants: GRANTS } });
  }, 120_000);
  afterAll(async () => {
    await scene?.close();
    rmSync(away, { recursive: true, force: true });
  });
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
    ["a table whose files only the server's keyring opens", ["CREATE TABLE shop.locked (id INT) ENCRYPTION = 'Y'"], ["DROP TABLE shop.locked"], "CLONE_ENCRYPTED", /shop\.locked/],
    ["a table that lies elsewhere", [`CREATE TABLE shop.far (id INT) DATA DIRECTORY = '${away}'`], ["DROP TABLE shop.far"], "CLONE_FILES_ELSEWHERE", /shop\.far \(.*sg-away/],
    ["a tablespace that lies elsewhere", [`CREATE TABLESPACE far ADD DATAFILE '${away}/far.ibd'`], ["DROP TABLESPACE far"], "CLONE_FILES_ELSEWHERE", /far \(.*sg-away/],
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
    // As root this worker acts for the server's account, which is not let in here.
    if (process.getuid?.() === 0) {
      chmodSync(folder, 0o700);
      expect(await codeOf()).toBe("CLONE_FOLDER_REFUSED");
      chmodSync(folder, 0o711);
    }
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

  /** Every clone stands still before its first byte while somebody holds off what changes the server: it wants to hold off structure changes itself. */
  const standingStill = async (work: () => Promise<void>): Promise<void> => {
    const holder = await another();
    await holder.query("LOCK INSTANCE FOR BACKUP");
    await scene.sql("SET GLOBAL clone_block_ddl = ON");
    try {
      await work();
    } finally {
      await scene.sql("SET GLOBAL clone_block_ddl = OFF");
      holder.destroy();
    }
  };
  const another = (): Promise<Connection> => connect({ name: "db", socket: scene.server.socket, user: scene.server.user, password: new Secret(scene.server.password) });
  /** Connection of the clone under way. */
  const cloning = async (): Promise<string> => {
    await until("a clone is under way", async () => (await scene.value("SELECT COUNT(*) FROM performance_schema.clone_status WHERE STATE = 'In Progress'")) === "1", 30_000);
    return scene.value("SELECT PID FROM performance_schema.clone_status");
  };

  it("somebody else's clone is under way: told whither and by which connection, and let be", async () => {
    await standingStill(async () => {
      const foreign = await another();
      const copied = foreign.query("CLONE LOCAL DATA DIRECTORY = ?", [join(away, "copy")]).catch((error: unknown) => error);
      const id = await cloning();
      const run = await scene.backup();
      expect(run.fault).toMatchObject({ code: "CLONE_RUNNING", params: { server: "db", id } });
      expect(String(run.fault?.params.path)).toContain(away);
      expect(await cloning()).toBe(id);
      await scene.sql(`KILL QUERY ${id}`);
      expect(await copied).toMatchObject({ errno: 1317 });
      foreign.destroy();
    });
  });

  it("the statement killed on the server by somebody: CLONE_FAILED with the server's words, nothing left", async () => {
    await standingStill(async () => {
      const running = scene.backup();
      await scene.sql(`KILL QUERY ${await cloning()}`);
      const run = await running;
      expect(run.fault).toMatchObject({ code: "CLONE_FAILED", params: { message: expect.stringMatching(/interrupted/) } });
    });
    // What such a copy would say of itself.
    await expect(cloneCoordinate(scene.connection, { gtidMode: "ON" })).rejects.toMatchObject({ code: "CLONE_INCONSISTENT", params: { message: expect.stringMatching(/^Failed 1317 /) } });
  });

  it("a table that is not InnoDB comes while the server copies, after those that were there are held: CLONE_TABLES_CHANGED names it", async () => {
    await scene.sql("CREATE TABLE shop.old (id INT) ENGINE=MyISAM", "GRANT LOCK TABLES ON *.* TO cloner@localhost", "SET GLOBAL clone_max_data_bandwidth = 1");
    const running = scene.backup();
    // A MiB of 75 a second: the copy's instant is far away.
    await cloning();
    await scene.sql("CREATE TABLE shop.late (id INT) ENGINE=MyISAM", "SET GLOBAL clone_max_data_bandwidth = 0");
    const run = await running;
    expect(run.fault).toMatchObject({ code: "CLONE_TABLES_CHANGED", params: { table: "shop.late" } });
    await scene.nothingLeft(run.runId);
    await scene.sql("DROP TABLE shop.old, shop.late", "REVOKE LOCK TABLES ON *.* FROM cloner@localhost");
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

  it.skipIf(!canMount())("spool full while the copy is packed (needs root to mount): DISK_FULL, nothing left", async () => {
    const { spool } = scene.live.host.folders;
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1g,mode=0700", "tmpfs", spool]);
    try {
      const run = await scene.backup({ onEvent: ({ body }) => { if (body.type === "stage-started" && body.stage === "seal") execFileSync("mount", ["-o", `remount,size=${1024 * 1024}`, spool]); } });
      expect(run.fault).toMatchObject({ code: "DISK_FULL" });
      expect(String(run.fault?.params.path)).toContain(spool);
      await scene.nothingLeft(run.runId);
      expect(clonesLeft(scene)).toEqual([]);
    } finally {
      execFileSync("umount", ["-l", spool]);
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
    // The source itself knows of the clone, but not where it stands: not what a copy says.
    await expect(cloneCoordinate(scene.connection, { gtidMode: "ON" })).rejects.toMatchObject({ code: "CLONE_INCONSISTENT", params: { message: expect.stringMatching(/^GTID set \S+:\S+ in the files, {2}in the record$/) } });
  });

  it("logs that only the keyring opens: refused while they are written so, and told of the copy while such are left", async () => {
    await scene.sql("SET GLOBAL innodb_undo_log_encrypt = ON");
    expect((await scene.backup()).fault).toMatchObject({ code: "CLONE_ENCRYPTED", params: { tables: expect.stringContaining("innodb_undo_log_encrypt") } });
    // Files that were begun so stay so, and no table of the server says it.
    await scene.sql("SET GLOBAL innodb_undo_log_encrypt = OFF");
    const run = await scene.backup();
    expect(run.fault?.code, run.fault?.detail).toBe("CLONE_ENCRYPTED");
    await scene.nothingLeft(run.runId);
  });

  // The last: nobody starts it again.
  it("the server dies while it copies: SERVER_CONNECTION_LOST, and nothing is left here", async () => {
    let run: Awaited<ReturnType<FaultScene["backup"]>> | undefined;
    await standingStill(async () => {
      const running = scene.backup();
      await cloning();
      process.kill(scene.server.pid, "SIGKILL");
      run = await running;
      // What it did for this test cannot be undone any more.
    }).catch(() => undefined);
    expect(run?.fault).toMatchObject({ code: "SERVER_CONNECTION_LOST", params: { server: "db" } });
  });
});
