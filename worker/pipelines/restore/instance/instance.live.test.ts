import { type ChildProcess, execFileSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { basename, dirname, join } from "node:path";
import type { RowDataPacket } from "mysql2/promise";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunEvent } from "#lib/contract/events.ts";
import type { RestorePlan, RestoreRequest } from "#lib/contract/recovery/restore.ts";
import { Secret } from "#lib/platform/secret.ts";
import { freePort } from "#scripts/services/place.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { ActiveRuns } from "#worker/host/active-runs.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { canMount } from "#worker/testing/can-mount.ts";
import { clonesLeft, makeCloneScene } from "#worker/testing/clone-scene.ts";
import { type FaultScene, findingCodes } from "#worker/testing/fault-scene.ts";
import { until } from "#worker/testing/processes.ts";
import { hostReplacing, onDataNow, undoKilledBetween } from "#worker/testing/replaced-data.ts";
import { startInstance } from "#worker/testing/start-instance.ts";
import { flipMiddle, type StoredFiles, storedFiles } from "#worker/testing/stored-set.ts";
import { recoverReplacements } from "#worker/schedules/recover-replacements.ts";
import { planRestore, runRestore } from "../index.ts";
import { listReplacements } from "../replace/replacement-record.ts";
import { undoReplacement } from "../replace/take-back-folder.ts";

const ANALYZER = "systemd-analyze";
const PARTS = ["700-files-00001.tar.zst.gpg", "700-files-00002.tar.zst.gpg"] as const;

describe("a new server made of a physical set", () => {
  let scene: FaultScene;
  let setId = "";
  let gtids = "";
  let port = 0;
  let files: StoredFiles;
  let supervised: ChildProcess | undefined;

  beforeAll(async () => {
    scene = await makeCloneScene({ bulk: 2 });
    await scene.sql("CREATE USER app@localhost IDENTIFIED BY 'an-Application-1'", "GRANT SELECT ON shop.* TO app@localhost");
    const run = await scene.backup();
    expect(run.fault).toBeUndefined();
    setId = run.value?.manifest.id ?? "";
    gtids = run.value?.manifest.coordinate?.gtidSet ?? "";
    files = storedFiles(scene.live, setId);
    port = await freePort();
  }, 120_000);
  afterEach(() => files.putBack());
  afterAll(async () => {
    supervised?.kill("SIGKILL");
    await scene?.close();
  });

  const folder = (): string => scene.live.host.folders.instances ?? "";
  const request = (name = "risorto", change: Partial<RestoreRequest> = {}): RestoreRequest => ({ server: "db", setId, scope: { kind: "server", accounts: true }, target: { kind: "instance", server: name, port }, ...change });
  const planned = async (wanted = request(), host: HostRuntime = scene.live.host): Promise<RestorePlan> => {
    const result = await planRestore(host, wanted);
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    return result.plan;
  };
  const refused = async (wanted: RestoreRequest, host: HostRuntime = scene.live.host): Promise<string[]> => {
    const result = await planRestore(host, wanted);
    return result.ok ? [] : result.faults.map(({ code }) => code);
  };
  const restore = (plan: RestorePlan, options: { signal?: AbortSignal; onEvent?: (event: RunEvent) => void } = {}) =>
    scene.live.run((context) => runRestore(context, scene.live.host, plan), options);
  const nothingMade = (): void => {
    expect(existsSync(folder()) ? readdirSync(folder()) : []).toEqual([]);
    expect(clonesLeft(scene)).toEqual([]);
  };

  it("refuses what cannot be, before anything is made", async () => {
    const { live } = scene;
    const asked = request();
    expect(await refused({ ...asked, scope: { kind: "tables", schema: "shop", tables: ["orders"] } })).toEqual(["PHYSICAL_SET"]);
    const without: HostRuntime = Object.create(live.host, { folders: { value: { ...live.host.folders, instances: null } } }) as HostRuntime;
    expect(await refused(asked, without)).toEqual(["INSTANCES_UNSET"]);
    const strange: HostRuntime = Object.create(live.host, { config: { value: { ...live.host.config, keyring: { home: join(live.folder, "no-keys") } } } }) as HostRuntime;
    expect(await refused(asked, strange)).toEqual(["KEY_MISSING"]);
    const holder = createServer().listen(port, "127.0.0.1");
    await until("port held", () => holder.listening);
    expect(await refused(asked)).toEqual(["INSTANCE_PORT_TAKEN"]);
    await new Promise((resolve) => holder.close(resolve));
    // A program that says it is of the next series.
    const newer = join(live.folder, "mysqld");
    writeFileSync(newer, "#!/bin/sh\necho \"$0  Ver 10.1.0 for Linux on x86_64\"\n");
    chmodSync(newer, 0o755);
    const { mysql } = live.host.tools.clients;
    const otherSeries: HostRuntime = Object.create(live.host, { tools: { value: { ...live.host.tools, clients: { ...live.host.tools.clients, mysql: { ...mysql, mysqld: newer } } } } }) as HostRuntime;
    expect(await refused(asked, otherSeries)).toEqual(["PHYSICAL_SERIES"]);
    files.resign((manifest) => { if (manifest.physical) manifest.physical.bytes = 1e15; });
    expect(await refused(asked)).toEqual(["DISK_SPACE"]);
    files.resign((manifest) => { manifest.method = "dump"; });
    expect(await refused(asked)).toEqual(["LOGICAL_SET"]);
    nothingMade();
  });

  it.each([
    ["missing", () => rmSync(files.path("one", PARTS[1])), "DESTINATION_OBJECT_MISSING"],
    ["swapped", () => swap("one"), "COPY_CORRUPT"],
    ["bit-flipped", () => flip("one"), "COPY_CORRUPT"],
  ])("takes a %s part from the other destination, and says so", async (_what, damage, code) => {
    damage();
    const run = await restore(await planned());
    expect(run.fault).toBeUndefined();
    expect(findingCodes(run)).toContain(code);
    rmSync(join(folder(), "risorto"), { recursive: true });
    nothingMade();
  });

  it("makes nothing when no destination has a whole part, nor when files do not add up, nor when it is cancelled", async () => {
    const plan = await planned();
    for (const copy of ["one", "two"] as const) flip(copy);
    expect((await restore(plan)).fault?.code).toBe("NO_SOUND_COPY");
    nothingMade();
    files.putBack();
    files.resign((manifest) => { if (manifest.physical) manifest.physical.files += 1; });
    expect((await restore(await planned())).fault).toMatchObject({ code: "PHYSICAL_INCOMPLETE" });
    nothingMade();
    files.putBack();
    files.resign((manifest) => { const table = manifest.inventory.schemas[0]?.tables[0]; if (table) table.rows += 1; });
    expect((await restore(await planned())).fault).toMatchObject({ code: "VERIFICATION_FAILED" });
    nothingMade();
    files.putBack();
    const stop = new AbortController();
    const cancelled = await restore(plan, { signal: stop.signal, onEvent: ({ body }) => { if (body.type === "stage-started" && body.stage === "verify") stop.abort(); } });
    expect(cancelled.fault?.code).toBe("CANCELLED");
    nothingMade();
  });

  it.skipIf(!canMount())("disk full while it is unpacked (needs root to mount): DISK_FULL, nothing is left", async () => {
    mkdirSync(folder(), { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2g,mode=0711", "tmpfs", folder()]);
    try {
      const run = await restore(await planned(), { onEvent: ({ body }) => { if (body.type === "stage-started" && body.stage === "load") execFileSync("mount", ["-o", `remount,size=${16 * 1024 * 1024}`, folder()]); } });
      expect(run.fault).toMatchObject({ code: "DISK_FULL" });
      expect(String(run.fault?.params.path)).toContain(folder());
      nothingMade();
    } finally {
      execFileSync("umount", ["-l", folder()]);
    }
  });

  it("is compared with the manifest, gets its name last, and starts by its unit with accounts, rows and GTIDs of the source", async () => {
    scene.live.host.settings.servers[0]?.assertions.push({ name: "fifty", sql: "SELECT COUNT(*) FROM orders", expect: "50" });
    const plan = await planned();
    expect(plan.steps.map(({ id }) => id)).toEqual(["check", "load", "verify", "finish"]);
    const run = await restore(plan);
    expect(run.fault).toBeUndefined();
    expect(run.events).toContainEqual(expect.objectContaining({ body: { type: "log", level: "info", text: "own checks passed: fifty" } }));
    const instance = run.value?.instance;
    if (!instance) throw new Error("no instance");
    expect(readdirSync(folder())).toEqual(["risorto"]);
    expect(readdirSync(instance.folder).sort()).toEqual(["data", "my.cnf", "mysql-risorto.service"]);
    expect(clonesLeft(scene)).toEqual([]);
    // Never over what is there: neither a new plan nor the old one again.
    expect(await refused(request())).toEqual(["TARGET_NOT_EMPTY"]);
    expect((await restore(plan)).fault?.code).toBe("TARGET_NOT_EMPTY");

    const app = { name: "risorto", user: "app", password: new Secret("an-Application-1") };
    supervised = await startInstance(instance, app);
    const connection = await connect({ ...app, host: "localhost", port: instance.port });
    const [rows] = await connection.query<RowDataPacket[]>("SELECT COUNT(*) AS orders, @@GLOBAL.gtid_executed AS gtids, @@server_uuid AS uuid, @@event_scheduler AS events, (SELECT COUNT(*) FROM shop.spending) AS spending FROM shop.orders");
    expect(rows[0]).toMatchObject({ orders: "50", spending: "50", events: "OFF" });
    expect(String(rows[0]?.gtids).replace(/\s/g, "")).toBe(gtids);
    expect(rows[0]?.uuid).not.toBe(await scene.value("SELECT @@server_uuid"));
    await connection.end();
  });

  it.skipIf(!hasAnalyzer())("has a unit that systemd finds nothing wrong with", () => {
    const unit = join(folder(), "risorto", "mysql-risorto.service");
    const copy = join(scene.live.folder, "units");
    mkdirSync(copy);
    copyFileSync(unit, join(copy, "mysql-risorto.service"));
    expect(execFileSync(ANALYZER, ["verify", "--man=no", join(copy, "mysql-risorto.service")], { encoding: "utf8" })).toBe("");
  });

  // The last: the server of the scene gives way.
  it("takes the place of a stopped server's data directory, and gives it back across a kill; while that server runs nothing is touched", async () => {
    const { dataDir, pid } = scene.server;
    const uuid = await scene.value("SELECT @@server_uuid");
    await scene.sql("INSERT INTO shop.orders (customer, amount) VALUES (1, 7)");
    const asked = request("db", { target: { kind: "replace", server: "db" } });
    const own = (settings: string, data = dataDir): HostRuntime => hostReplacing(scene, data, settings);
    const running = await planRestore(own(""), asked);
    expect(running).toMatchObject({ ok: false, faults: [{ code: "DATADIR_IN_USE", params: { holder: `process ${pid} (mysqld)`, unit: "mysql@db" } }] });
    process.kill(pid, "SIGTERM");
    await scene.server.ended;
    const around = () => readdirSync(dirname(dataDir)).filter((name) => name.startsWith(basename(dataDir))).sort();
    const before = around();
    expect(await refused(asked)).toEqual(["DATADIR_UNSET"]);
    const logs = join(scene.live.folder, "logs");
    mkdirSync(logs);
    writeFileSync(join(logs, "mysql-bin.index"), "");
    expect(await refused(asked, own("", scene.live.folder))).toEqual(["DATADIR_UNFIT"]);
    for (const [settings, code] of [["[broken", "DATADIR_CONFIG"], ["datadir = /srv/other", "DATADIR_SETTING"], ["innodb_page_size = 8k", "DATADIR_SETTING"], [`log_bin = ${join(logs, "mysql-bin")}`, "DATADIR_ELSEWHERE"], [`log_bin = ${join(logs, "moved-away")}\ninnodb_undo_directory = ${logs}`, "DATADIR_ELSEWHERE"]] as const) expect(await refused(asked, own(settings)), settings).toEqual([code]);

    const host = own(`datadir = ${dataDir}\nlog_bin = ${join(logs, "moved-away")}`);
    const [{ uid, gid }, certificate] = [statSync(dataDir), join(dataDir, "of-its-own.pem")];
    writeFileSync(certificate, "a certificate");
    chownSync(certificate, uid, gid);
    chmodSync(dataDir, 0o751);
    const plan = await planned(asked, host);
    expect(plan).toMatchObject({ typedName: "db", warnings: expect.arrayContaining([expect.objectContaining({ code: "REPLACEMENT_NEW_IDENTITY" }), expect.objectContaining({ code: "REPLACEMENT_ACTS" })]) });
    expect(plan.steps.at(-1)).toMatchObject({ id: "finish", replaces: [dataDir], commands: expect.arrayContaining(["systemctl start mysql@db"]) });
    expect((await scene.live.run((context) => runRestore(context, host, plan, "shop"))).fault?.code).toBe("TYPED_NAME_WRONG");
    expect(around()).toEqual(before);
    const run = await scene.live.run((context) => runRestore(context, host, plan, "db"));
    expect(run.fault).toBeUndefined();
    expect(run.value?.replaced).toMatchObject({ folder: dataDir, kept: `${dataDir}.before-${run.runId}` });
    expect(around()).toEqual([...before, `${basename(dataDir)}.before-${run.runId}`].sort());
    expect(statSync(dataDir)).toMatchObject({ uid, gid, mode: 0o40751 });
    expect(readFileSync(certificate, "utf8")).toBe("a certificate");
    const undo = () => scene.live.run((context) => undoReplacement(context, host, run.runId, "db"));
    const seen = [await onDataNow(scene, uuid, async () => expect((await undo()).fault).toMatchObject({ code: "DATADIR_IN_USE" }))];
    expect(await undoKilledBetween(scene, host, run.runId)).toBe("SIGKILL");
    expect(existsSync(dataDir)).toBe(false);
    expect(await refused(asked, host)).toEqual(["REPLACEMENT_UNFINISHED"]);
    await recoverReplacements({ host, runs: new ActiveRuns(host, () => undefined) });
    expect(listReplacements(host.folders).map(({ state }) => state)).toEqual(["replaced", "undone"]);
    expect((await undo()).fault?.code).toBe("REPLACEMENT_CLOSED");
    expect([...seen, await onDataNow(scene, uuid)]).toEqual([{ orders: "50", itself: "0" }, { orders: "51", itself: "1" }]);
  });

  function swap(copy: "one" | "two"): void {
    const [first, second] = PARTS.map((name) => files.path(copy, name)) as [string, string];
    renameSync(first, `${first}.aside`);
    renameSync(second, first);
    renameSync(`${first}.aside`, second);
  }

  function flip(copy: "one" | "two"): void {
    flipMiddle(files.path(copy, PARTS[0]));
  }
});

function hasAnalyzer(): boolean {
  try {
    execFileSync(ANALYZER, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
