import type { ChildProcess } from "node:child_process";
import { chmodSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Connection, RowDataPacket } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Manifest } from "#lib/contract/manifest/manifest.ts";
import type { WantedInstant } from "#lib/contract/recovery/instant.ts";
import type { RestorePlan, RestoreRequest } from "#lib/contract/recovery/restore.ts";
import { Secret } from "#lib/platform/secret.ts";
import { freePort } from "#scripts/services/place.ts";
import { fingerprintTable } from "#worker/engines/fingerprint/fingerprint-table.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { noteRate } from "#worker/host/road-rates.ts";
import { backupIncremental } from "#worker/pipelines/archive/incremental.ts";
import { backupFull } from "#worker/pipelines/backup/index.ts";
import { type ArchiveScene, makeArchiveScene } from "#worker/testing/archive-scene.ts";
import { findingCodes } from "#worker/testing/fault-scene.ts";
import { commandLine } from "#worker/testing/command-line.ts";
import { startInstance } from "#worker/testing/start-instance.ts";
import { planRestore, runRestore } from "../index.ts";
import { resolveInstant } from "../instant/resolve-instant.ts";
import type { NewInstance } from "./run-instance.ts";

const APP = { user: "app", password: new Secret("an-Application-1") };

describe("a new server as of an instant, made of a physical set and the archive", { timeout: 300_000 }, () => {
  let scene: ArchiveScene;
  let source: Connection;
  let full: Manifest;
  let twin = "";
  let before = "";
  let drop = "";
  let last = "";
  const started: ChildProcess[] = [];

  const text = async (connection: Connection, sql: string): Promise<string> => {
    const [rows] = await connection.query<RowDataPacket[]>({ sql, rowsAsArray: true });
    return String((rows[0] as unknown as unknown[] | undefined)?.[0]).replace(/\s/g, "");
  };
  const lastGtid = async (): Promise<string> => `${await text(source, "SELECT @@server_uuid")}:${await text(source, "SELECT SUBSTRING_INDEX(SUBSTRING_INDEX(@@GLOBAL.gtid_executed, ':', -1), '-', -1)")}`;
  const ledger = async (connection: Connection, schema = "shop"): Promise<string> => (await fingerprintTable(connection, schema, "ledger", "mysql")).digest;

  beforeAll(async () => {
    scene = await makeArchiveScene("mysql", [], { method: "clone", alsoDump: true, parallel: 2 });
    chmodSync(scene.live.folder, 0o711);
    const { server } = scene;
    source = await connect({ name: "db", socket: server().socket, user: server().user, password: new Secret(server().password) });
    // The source follows another server: its channel comes with the files, without the relay logs.
    await scene.sql("INSTALL PLUGIN clone SONAME 'mysql_clone.so'", "CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'nowhere.invalid', SOURCE_USER = 'nobody'");
    await scene.sql("CREATE USER app@localhost IDENTIFIED BY 'an-Application-1'", "GRANT ALL ON *.* TO app@localhost", "CREATE TABLE shop.notes (id INT PRIMARY KEY, ratio FLOAT)", "INSERT INTO shop.notes VALUES (1, 16777216), (2, 3.4028234e38)");
    const stop = scene.archive();
    await scene.write(30);
    const end = await scene.live.run((context) => backupFull(context, scene.live.host, "all"));
    expect(end.fault).toBeUndefined();
    full = end.value?.manifest as Manifest;
    twin = end.value?.twin?.setId ?? "";
    await scene.write(40);
    // Found by the row's whole former content: a float that went through SQL would not be found again.
    await scene.sql("UPDATE shop.notes SET ratio = 2.5 WHERE id = 2", "CREATE EVENT shop.yearly ON SCHEDULE EVERY 1 YEAR STARTS '2036-01-01 00:00:00' DO DELETE FROM notes", "FLUSH BINARY LOGS");
    await scene.write(20);
    before = await ledger(source);
    await scene.sql("DROP TABLE shop.ledger");
    drop = await lastGtid();
    await scene.sql("INSERT INTO shop.notes VALUES (3, 1)");
    last = await lastGtid();
    const closed = await scene.live.run((context) => backupIncremental(context, scene.live.host, "db", 100));
    expect(closed.fault).toBeUndefined();
    await stop();
  }, 120_000);
  afterAll(async () => {
    for (const child of started) child.kill("SIGKILL");
    await source?.end();
    await scene?.close();
  });

  const at = (wanted: WantedInstant, skip: string[] = []) => resolveInstant(scene.live.host, { server: "db", wanted, skip, into: "instance" }, new AbortController().signal);
  const planned = async (request: Pick<RestoreRequest, "setId" | "target" | "scope" | "boundary" | "ownChecks">): Promise<RestorePlan> => {
    const result = await planRestore(scene.live.host, { server: "db", ...request });
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    return result.plan;
  };
  const started_ = async (instance: NewInstance): Promise<Connection> => {
    started.push(await startInstance(instance, APP));
    return connect({ name: instance.name, ...APP, socket: instance.socket });
  };

  it("by the command line to just before a DROP TABLE: rows, floats, GTIDs as they were then, nothing of later", async () => {
    const command = commandLine(scene.live);
    const file = join(scene.live.folder, "plan.json");
    const port = await freePort();
    const plan = await command("plan", "db", "--before", drop, "--new-instance", "prima", "--port", String(port), "-o", file).end;
    expect(JSON.parse(plan.stdout)).toMatchObject({ ok: true, plan: { request: { setId: full.id, boundary: { firstExcluded: { gtid: drop, what: expect.stringMatching(/^DROP TABLE/) } } }, steps: ["check", "prepare", "load", "replay", "verify", "finish"].map((id) => ({ id })) } });
    const restored = await command("restore", file).end;
    expect(restored.code, restored.stderr + restored.stdout).toBe(0);
    const { instance } = (JSON.parse(restored.stdout) as { restore: { instance: NewInstance } }).restore;
    expect(readFileSync(instance.config, "utf8")).toContain("# Its binary logs were replayed up to");
    expect(readdirSync(scene.live.host.folders.instances ?? "")).toEqual(["prima"]);
    expect(readdirSync(scene.live.host.folders.spool)).toEqual([]);

    const connection = await started_(instance);
    expect(await text(connection, "SELECT COUNT(*) FROM shop.ledger")).toBe("90");
    expect(await ledger(connection)).toBe(before);
    expect(await text(connection, "SELECT GROUP_CONCAT(id, '=', ratio + 0e0 ORDER BY id) FROM shop.notes")).toBe("1=16777216,2=2.5");
    const gtids = (JSON.parse(plan.stdout) as { plan: RestorePlan }).plan.request.boundary?.expectedGtids ?? "";
    expect(await text(connection, `SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, '${gtids}') = '' AND GTID_SUBTRACT('${gtids}', @@GLOBAL.gtid_executed) = ''`)).toBe("1");
    expect((await connection.query<RowDataPacket[]>("SHOW REPLICA STATUS"))[0]).toEqual([]);
    await connection.end();
  });

  it("leaves the bad transaction out and keeps what came after it; an own check that does not hold then withholds it, unless the plan leaves them out", async () => {
    const { setId, boundary } = await at({ kind: "after", gtid: last }, [drop]);
    const request = { setId, boundary, scope: { kind: "server", accounts: true }, target: { kind: "instance", server: "dopo", port: await freePort() } } as const;
    const [server] = scene.live.host.settings.servers;
    server?.assertions.push({ name: "as then", sql: "SELECT COUNT(*) FROM shop.ledger", expect: "90" }, { name: "as today", sql: "SELECT MAX(id) FROM notes", schema: "shop", expect: "> 3" });
    const judged = await planned(request);
    const refused = await scene.live.run((context) => runRestore(context, scene.live.host, judged));
    expect(refused.fault).toMatchObject({ code: "OWN_CHECK_FAILED", params: { assertion: "as today", expected: "> 3", found: "3" } });
    expect(refused.fault?.detail).toBe("as today\t> 3\t3");
    expect(readdirSync(scene.live.host.folders.instances ?? "")).toEqual(["prima"]);
    const plan = await planned({ ...request, ownChecks: false });
    server?.assertions.splice(0);
    expect((await scene.live.run((context) => runRestore(context, scene.live.host, judged))).fault?.code).toBe("PLAN_CHANGED");
    // Since the plan the first destination refuses: set and archive come from the second.
    chmodSync(scene.live.destination("one"), 0o755);
    const run = await scene.live.run((context) => runRestore(context, scene.live.host, plan));
    chmodSync(scene.live.destination("one"), 0o700);
    expect(run.fault).toBeUndefined();
    expect(findingCodes(run).filter((code) => code === "DESTINATION_DENIED")).toHaveLength(1);
    // An event that came by the log is switched off as on any replica: which, is said.
    expect(run.events.flatMap(({ body }) => (body.type === "finding" ? [body.fault] : []))).toContainEqual(expect.objectContaining({ code: "INSTANT_EVENTS_OFF", params: { events: "shop.yearly" } }));
    const connection = await started_(run.value?.instance as NewInstance);
    expect(await ledger(connection)).toBe(before);
    expect(await text(connection, "SELECT GROUP_CONCAT(id ORDER BY id) FROM shop.notes")).toBe("1,2,3");
    await connection.end();
  });

  it("single schemas come out of the data files too, by the road that is fastest on this host, with the others named", async () => {
    const fastest = () => resolveInstant(scene.live.host, { server: "db", wanted: { kind: "before", gtid: drop }, skip: [] }, new AbortController().signal);
    // A few kilobytes of SQL against all files of a server.
    expect((await fastest()).setId).toBe(twin);
    noteRate(scene.live.host, "load", 2 ** 24, 2 ** 24);
    const { setId, boundary } = await fastest();
    expect(setId).toBe(full.id);
    const target = { kind: "beside", server: "db", names: { shop: "shop_then" }, leaveOutReferencing: false } as const;
    const plan = await planned({ setId, boundary, scope: { kind: "schemas", schemas: ["shop"] }, target });
    expect(plan.roads).toMatchObject([
      { setId: full.id, method: "clone", into: "instance", chosen: false },
      { setId: full.id, method: "clone", into: "server", chosen: true, replayFiles: 2 },
      { setId: twin, method: "dump", into: "server", chosen: false, replayFiles: 2 },
    ]);
    const run = await scene.live.run((context) => runRestore(context, scene.live.host, plan));
    expect(run.fault).toBeUndefined();
    expect(await ledger(source, "shop_then")).toBe(before);
  });

  it("makes nothing when the archive holds other bytes than the plan saw, or when the files are not what was recorded", async () => {
    const { setId, boundary } = await at({ kind: "before", gtid: drop });
    const [first, ...more] = boundary.segments;
    const other = { ...boundary, segments: [{ ...first, sha256: "0".repeat(64) }, ...more] } as typeof boundary;
    const plan = await planned({ setId, boundary: other, scope: { kind: "server", accounts: true }, target: { kind: "instance", server: "mai", port: await freePort() } });
    expect((await scene.live.run((context) => runRestore(context, scene.live.host, plan))).fault?.code).toBe("PLAN_CHANGED");
    expect(readdirSync(scene.live.host.folders.instances ?? "")).not.toContain("mai");
    expect(readdirSync(scene.live.host.folders.spool)).toEqual([]);
  });
});
