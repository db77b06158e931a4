import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Manifest } from "#lib/contract/manifest/manifest.ts";
import { Secret } from "#lib/platform/secret.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { identify } from "#worker/engines/server/identify.ts";
import { setToProve } from "#worker/pipelines/verify/set-to-prove.ts";
import { clonesLeft, makeCloneScene } from "#worker/testing/clone-scene.ts";
import { type FaultScene, findingCodes } from "#worker/testing/fault-scene.ts";
import { requireAccount, requireCloneGround } from "./clone-ground.ts";
import { backupDifferential, backupStages } from "./index.ts";

/** One after the other, over and over while the server copies; at any instant the tables are whole. */
const CHANGES = [
  "CREATE TABLE shop.passing (id INT PRIMARY KEY, note VARCHAR(20))",
  "INSERT INTO shop.passing VALUES (1, 'one'), (2, 'two')",
  "ALTER TABLE shop.passing ADD COLUMN later INT, ADD KEY by_note (note), ALGORITHM = INPLACE",
  "ALTER TABLE shop.bulk ADD KEY by_beginning (content(20))",
  "RENAME TABLE shop.passing TO shop.passed",
  "ALTER TABLE shop.passed ENGINE = InnoDB, ALGORITHM = COPY",
  "TRUNCATE TABLE shop.passed",
  "ALTER TABLE shop.bulk DROP KEY by_beginning",
  "DROP TABLE shop.passed",
];

/** Bytes a second: what there is takes some seconds. */
const RATE = 40_000_000;

let scene: FaultScene;

beforeAll(async () => {
  scene = await makeCloneScene({ bulk: 1 });
  await scene.sql("CREATE USER app@localhost IDENTIFIED BY 'an-Application-1'", "GRANT SELECT ON shop.* TO app@localhost");
}, 120_000);

afterAll(() => scene?.close());

describe("physical full by the server's own clone", () => {
  it("is consistent while rows are written and structures change, knows its place, and leaves no copy behind", async () => {
    let writing = true;
    let changes = 0;
    const changer = await connect({ name: "db", socket: scene.server.socket, user: scene.server.user, password: new Secret(scene.server.password) });
    const changing = (async () => {
      // Rows alone are counted by transactions below.
      await changer.query("SET SESSION sql_log_bin = 0");
      for (; writing; changes += 1) for (const statement of CHANGES) await changer.query(statement);
    })();
    const writer = (async () => {
      while (writing) await scene.sql("INSERT INTO shop.customers (name) VALUES ('while it is cloned')");
    })();
    let before = 0;
    let meanwhile = 0;
    const run = await scene.backup({ onEvent: ({ body }) => {
      if (body.type === "stage-started" && body.stage === "clone") before = changes;
      if (body.type === "stage-finished" && body.stage === "clone") meanwhile = changes - before;
    } });
    writing = false;
    await Promise.all([writer, changing]);
    changer.destroy();
    expect(run.fault).toBeUndefined();
    expect(meanwhile).toBeGreaterThan(0);
    const manifest = run.value?.manifest;
    if (!manifest) throw new Error("no manifest");
    expect(manifest).toMatchObject({ method: "clone", lockHeldMs: 0, streams: 2, physical: { pageSize: 16384, dataFilePath: "ibdata1:12M:autoextend" } });
    expect(manifest.artifacts.map(({ name }) => name)).toEqual(["700-files-00001.tar.zst.gpg", "700-files-00002.tar.zst.gpg"]);
    expect(manifest.artifacts.reduce((sum, { files = 0 }) => sum + files, 0)).toBe(manifest.physical?.files);
    // Every insert is one transaction: rows and GTIDs must tell the same story.
    const tables = manifest.inventory.schemas.find(({ name }) => name === "shop")?.tables ?? [];
    const customers = tables.find(({ name }) => name === "customers")?.rows ?? 0;
    const total = Number(await scene.value("SELECT COUNT(*) FROM shop.customers"));
    expect(customers).toBeGreaterThan(50);
    expect(customers).toBeLessThan(total);
    const after = await scene.value(`SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, '${manifest.coordinate?.gtidSet}')`);
    const [, from, to = from] = /:(\d+)(?:-(\d+))?$/.exec(after.trim()) ?? [];
    expect(Number(to) - Number(from) + 1).toBe(total - customers);
    expect(manifest.inventory.accounts.map(({ name }) => name).filter((name) => name.includes("sandbox"))).toEqual([]);
    expect(clonesLeft(scene)).toEqual([]);
    expect(readdirSync(scene.live.host.folders.spool)).toEqual([]);
    const stored = join(scene.live.destination("one"), "db", "full", manifest.id);
    const proof = await scene.verify(manifest.id);
    expect(proof.fault).toBeUndefined();
    expect(proof.value?.verification).toMatchObject({ level: "proven", restoreTest: { differences: [], compared: { tables: tables.length, objects: 5, accounts: 1 } } });
    expect(clonesLeft(scene)).toEqual([]);
    for (const { name } of manifest.artifacts) expect(readFileSync(join(stored, name)).includes("never-to-be-read-outside")).toBe(false);
  });

  it("at a rate, fetched by a server beside it, with the SQL of the same instant: what is dumped from the copy is what a dump of production gives there, and both are proven in turn", async () => {
    const { live } = scene;
    const [policy] = live.host.settings.policies;
    const next = (): Promise<string> => setToProve(live.host, { name: "all", server: "db", destinations: ["one"] }, { files: "files", sql: "sql" });
    // The restore test before this one was of data files.
    expect(await next()).toBe("sql");
    Object.assign(policy ?? {}, { alsoDump: true, fingerprints: "always", niceness: { bytesPerSecond: RATE } });
    const run = await scene.backup();
    Object.assign(policy ?? {}, { niceness: undefined });
    expect(run.fault).toBeUndefined();
    expect(findingCodes(run)).not.toContain("CLONE_AT_FULL_SPEED");
    expect(run.events.flatMap(({ body }) => (body.type === "log" && body.text.includes("for recipient of db") ? [body.text] : []))).toHaveLength(1);
    expect(run.events.flatMap(({ body }) => (body.type === "stage-finished" && body.ok ? [body.stage] : []))).toEqual(backupStages({ method: "clone", alsoDump: true }, "backup-full"));
    const sets = run.events.flatMap(({ body }) => (body.type === "set" ? [body.summary] : []));
    expect(sets.map(({ method }) => method)).toEqual(["clone", "dump"]);
    const [files, twin] = sets.map(({ setId }) => (JSON.parse(readFileSync(join(live.destination("two"), "db", "full", setId, "manifest.json"), "utf8")) as { manifest: Manifest }).manifest);
    expect(twin).toMatchObject({ method: "dump", twin: files?.id, coordinate: files?.coordinate, snapshotAt: files?.snapshotAt, lockHeldMs: 0 });
    expect(twin).not.toHaveProperty("physical");

    Object.assign(policy ?? {}, { method: "dump" });
    const production = await scene.backup();
    const direct = production.value?.manifest;
    // Nothing was written in between.
    expect(direct?.coordinate).toEqual(twin?.coordinate);
    expect(direct?.inventory.schemas.flatMap(({ tables }) => tables.map(({ fingerprint }) => fingerprint === null))).toEqual([false, false, false]);
    const comparable = ({ schemas, accounts }: Manifest["inventory"]) => ({ accounts, schemas: schemas.map((schema) => ({ ...schema, tables: schema.tables.map((table) => ({ ...table, dataBytes: 0 })) })) });
    expect(comparable((twin as Manifest).inventory)).toEqual(comparable((direct as Manifest).inventory));

    const proof = await scene.verify(twin?.id ?? "");
    expect(proof.value?.verification).toMatchObject({ level: "proven", restoreTest: { differences: [], compared: { tables: 3, streams: 3, fingerprints: 3, accounts: 1 } } });
    expect(await next()).toBe("files");
    // The SQL is what a differential is compared with, data files being passed over: a dump of production, where nothing has changed.
    Object.assign(policy ?? {}, { method: "clone" });
    const differential = await live.run((context) => backupDifferential(context, live.host, "all"));
    expect(differential.fault).toBeUndefined();
    expect(differential.value?.manifest).toMatchObject({ kind: "differential", method: "dump", parent: { setId: twin?.id } });
    expect(differential.value?.manifest.artifacts.filter(({ role }) => role === "data")).toEqual([]);
    expect(readdirSync(live.host.folders.spool)).toEqual([]);
  });

  it.skipIf(process.getuid?.() !== 0)("is refused to a worker of another account than the server's, which may not look into its folder, or not act for it (needs root to become one)", async () => {
    const { host } = scene.live;
    const [policy] = host.settings.policies;
    if (!policy) throw new Error("no policy");
    const access = { name: "db", host: "127.0.0.1", port: scene.server.port, user: scene.server.user, password: new Secret(scene.server.password) };
    const server = await identify(scene.connection, "db");
    const asAnother = async <T>(work: () => Promise<T>): Promise<T> => {
      process.seteuid?.(12_345);
      try {
        return await work();
      } finally {
        process.seteuid?.(0);
      }
    };
    const run = await scene.live.run((context) => asAnother(() => requireCloneGround(context, host, { policy, access, server })));
    expect(run.fault).toMatchObject({ code: "CLONE_OTHER_ACCOUNT", params: { path: expect.stringContaining(scene.server.dataDir), uid: "?" } });
    const { uid, gid } = statSync(scene.server.dataDir);
    await expect(asAnother(() => requireAccount(host, { uid, gid }))).rejects.toMatchObject({ code: "CLONE_OTHER_ACCOUNT", params: { path: host.folders.sandbox, uid } });
  });
});
