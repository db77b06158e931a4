import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { RowDataPacket } from "mysql2/promise";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Manifest, TableEntry } from "#lib/contract/manifest/manifest.ts";
import { Secret } from "#lib/platform/secret.ts";
import { freePort } from "#scripts/services/place.ts";
import { runClone } from "#worker/engines/clone/run-clone.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { planRestore, runRestore } from "#worker/pipelines/restore/index.ts";
import { clonesLeft, makeCloneScene } from "#worker/testing/clone-scene.ts";
import { type FaultScene, findingCodes } from "#worker/testing/fault-scene.ts";
import { startInstance } from "#worker/testing/start-instance.ts";
import { type StoredFiles, storedFiles } from "#worker/testing/stored-set.ts";

const OTHERS = ["archived", "clipped", "fleeting", "journal"] as const;
const APP = { user: "app", password: new Secret("an-Application-1") };

/** The server's own copy holds such tables empty. */
describe("tables that are not InnoDB in a physical full", { timeout: 120_000 }, () => {
  let scene: FaultScene;
  let manifest: Manifest;
  let files: StoredFiles;
  let twin = "";

  beforeAll(async () => {
    // A rate that no server keeps which makes its copy itself: this one cannot be asked to hand its files over.
    scene = await makeCloneScene({ serverOptions: ["--skip-networking"], policy: { alsoDump: true, fingerprints: "always", niceness: { bytesPerSecond: 1e9 } } });
    await scene.sql(
      "CREATE TABLE shop.journal (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, note VARCHAR(60) NOT NULL, KEY by_note (note)) ENGINE=MyISAM",
      "CREATE TRIGGER shop.noted BEFORE INSERT ON shop.journal FOR EACH ROW SET NEW.note = CONCAT(NEW.note, '!')",
      "INSERT INTO shop.journal (id, note) VALUES (1, 'never-to-be-read-outside'), (1000, 'gone again')",
      "DELETE FROM shop.journal WHERE id = 1000",
      "CREATE TABLE shop.clipped (id INT NOT NULL, note VARCHAR(60) NOT NULL) ENGINE=CSV",
      "INSERT INTO shop.clipped VALUES (1, 'a \"quoted\", text')",
      "CREATE TABLE shop.archived (id INT NOT NULL, note TEXT) ENGINE=ARCHIVE",
      "INSERT INTO shop.archived VALUES (1, 'kept'), (2, NULL)",
      "CREATE TABLE shop.fleeting (id INT NOT NULL PRIMARY KEY) ENGINE=MEMORY",
      "INSERT INTO shop.fleeting VALUES (1), (2), (3)",
      // It names its schema: refused under another name.
      "DROP EVENT shop.yearly",
      "CREATE USER app@localhost IDENTIFIED BY 'an-Application-1'",
      "GRANT ALL ON *.* TO app@localhost",
    );
  }, 120_000);
  afterEach(() => files?.putBack());
  afterAll(() => scene?.close());

  const table = (name: string, of = manifest): TableEntry | undefined => of.inventory.schemas.find((schema) => schema.name === "shop")?.tables.find((entry) => entry.name === name);
  const rowsOf = async (of: string): Promise<number> => Number(await scene.value(`SELECT COUNT(*) FROM ${of}`));

  it("come with their rows as of the copy's own instant, while they are written to", async () => {
    let writing = true;
    let pairs = 0;
    const writer = (async () => {
      for (; writing; pairs += 1) await scene.sql("INSERT INTO shop.customers (name) VALUES ('in turn')", "INSERT INTO shop.journal (note) VALUES ('in turn')");
    })();
    const run = await scene.backup();
    writing = false;
    await writer;
    expect(run.fault).toBeUndefined();
    expect(run.events).toContainEqual(expect.objectContaining({ body: expect.objectContaining({ type: "finding", severity: "warning", fault: expect.objectContaining({ code: "CLONE_AT_FULL_SPEED", params: { server: "db", message: "skip_networking=ON" } }) }) }));
    manifest = run.value?.manifest as Manifest;
    twin = run.value?.twin?.setId ?? "";
    const [innodb, others] = [table("customers")?.rows ?? 0, table("journal")?.rows ?? 0];
    // Written in turn: no row of one table without that of the other.
    expect(innodb - 50 - (others - 1)).toBeOneOf([0, 1]);
    expect(pairs).toBeGreaterThan(others);
    // Every insert is one transaction: what the set lacks is what came after its place.
    const [, from, to = from] = /:(\d+)(?:-(\d+))?$/.exec((await scene.value(`SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, '${manifest.coordinate?.gtidSet}')`)).trim()) ?? [];
    expect(Number(to) - Number(from) + 1).toBe((await rowsOf("shop.customers")) - innodb + (await rowsOf("shop.journal")) - others);
    expect(OTHERS.map((name) => table(name)?.rows)).toEqual([2, 1, 3, others]);
    expect(manifest.artifacts.filter(({ role }) => role === "data").flatMap(({ tables = [] }) => tables).sort()).toEqual([...OTHERS]);
    expect(manifest.artifacts.map(({ role }) => role).filter((role) => role !== "data")).toEqual(["triggers", "files", "files"]);
    expect(manifest.streams).toBe(2);
    expect(manifest.lockHeldMs).toBeGreaterThan(0);
    files = storedFiles(scene.live, manifest.id);
    expect(clonesLeft(scene)).toEqual([]);
  });

  it("are proven: counts and digests, in the data files and in the SQL of the same instant", async () => {
    const proof = await scene.verify(manifest.id);
    expect(proof.value?.verification).toMatchObject({ level: "proven", restoreTest: { differences: [], compared: { tables: 7, streams: 4, fingerprints: 3 } } });
    const sql = await scene.verify(twin);
    expect(sql.value?.verification).toMatchObject({ level: "proven", restoreTest: { differences: [], compared: { tables: 7, streams: 7, fingerprints: 3 } } });
  });

  it("a row that is not there withholds the proof", async () => {
    files.resign((changed) => {
      const [short, other] = [table("journal", changed), table("archived", changed)];
      if (short) short.rows += 1;
      if (other?.stream) other.stream.sha256 = "0".repeat(64);
    });
    await scene.verify(manifest.id);
    expect(files.verification()).toMatchObject({ level: "refused", restoreTest: { differences: [{ kind: "stream", object: "shop.archived" }, { kind: "rows", object: "shop.journal" }] } });
  });

  it("stand in a new server and in schemas beside, row by row; what lives in memory alone is told", async () => {
    const plan = async (target: Parameters<typeof planRestore>[1]["target"], scope: Parameters<typeof planRestore>[1]["scope"]) => {
      const result = await planRestore(scene.live.host, { server: "db", setId: manifest.id, scope, target });
      if (!result.ok) throw new Error(JSON.stringify(result.faults));
      return result.plan;
    };
    const made = await plan({ kind: "instance", server: "nuovo", port: await freePort() }, { kind: "server", accounts: true });
    const run = await scene.live.run((context) => runRestore(context, scene.live.host, made));
    expect(run.fault).toBeUndefined();
    expect(findingCodes(run)).toContain("INSTANCE_MEMORY_EMPTY");
    const instance = run.value?.instance;
    if (!instance) throw new Error("no new server");
    const child = await startInstance(instance, APP);
    const connection = await connect({ name: "nuovo", ...APP, socket: instance.socket });
    try {
      const rows = async (of: typeof connection, sql: string): Promise<unknown> => (await of.query<RowDataPacket[]>({ sql, rowsAsArray: true }))[0];
      const limit = table("journal")?.rows ?? 0;
      const journal = (schema: string): string => `SELECT id, note FROM ${schema}.journal ORDER BY id LIMIT ${limit}`;
      expect(await rows(connection, journal("shop"))).toEqual(await rows(scene.connection, journal("shop")));
      for (const name of ["clipped", "archived"]) expect(await rows(connection, `SELECT * FROM shop.${name} ORDER BY id`)).toEqual(await rows(scene.connection, `SELECT * FROM shop.${name} ORDER BY id`));
      expect(await rows(connection, "SELECT COUNT(*) FROM shop.fleeting")).toEqual([["0"]]);
      const beside = await plan({ kind: "beside", server: "db", names: { shop: "shop_then" }, leaveOutReferencing: true }, { kind: "schemas", schemas: ["shop"] });
      expect((await scene.live.run((context) => runRestore(context, scene.live.host, beside))).fault).toBeUndefined();
      expect(await rows(scene.connection, journal("shop_then"))).toEqual(await rows(scene.connection, journal("shop")));
      expect(await rowsOf("shop_then.fleeting")).toBe(3);
    } finally {
      connection.destroy();
      child.kill("SIGKILL");
    }
  });

  it("what the files alone do not hold is in files that open by hand", async () => {
    const artifact = manifest.artifacts.find(({ tables = [] }) => tables.includes("journal"));
    const sealed = files.path("one", artifact?.name ?? "");
    const home = join(scene.live.folder, "keyring");
    const text = execFileSync("bash", ["-c", `gpg --batch --quiet --homedir "$1" -d "$2" | zstd -dc`, "bash", home, sealed], { encoding: "utf8" });
    expect(text).toContain("never-to-be-read-outside");
  });
});

describe("what must be done before a copy is at its instant", { timeout: 60_000 }, () => {
  let scene: FaultScene;
  beforeAll(async () => {
    scene = await makeCloneScene();
  }, 60_000);
  afterAll(() => scene?.close());

  const order = (target: string) => ({ access: { name: "db", socket: scene.server.socket, user: scene.server.user, password: new Secret(scene.server.password) }, sql: "CLONE LOCAL DATA DIRECTORY = ?", values: [join(scene.server.dataDir, "..", target)] });
  const options = (before: () => Promise<void>) => ({ signal: new AbortController().signal, now: () => Date.now(), before: { dataBytes: 1, shortBytes: 0, run: before } });

  it("is begun while files are copied, as late as that is safe, and stops the copy when it fails", async () => {
    // Megabytes a second, of 75: a copy that takes a while, also between two looks of a busy machine.
    await scene.sql("SET GLOBAL clone_max_data_bandwidth = 3");
    let copied = 0;
    const done = await runClone(order("late"), options(async () => {
      copied = Number(await scene.value("SELECT SUM(DATA) FROM performance_schema.clone_progress"));
    }), (error) => error);
    expect(copied).toBeGreaterThan(0);
    expect(copied).toBeLessThan(Number(await scene.value("SELECT SUM(DATA) FROM performance_schema.clone_progress")));
    expect(done).toBeGreaterThan(0);
    await expect(runClone(order("stopped"), options(() => Promise.reject(new Error("no lock"))), (error) => error)).rejects.toThrow("no lock");
    expect(await scene.value("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'CLONE LOCAL%' AND ID <> CONNECTION_ID()")).toBe("0");
  });

  it("a copy that was at its end before it was done is not used", async () => {
    await scene.sql("SET GLOBAL clone_max_data_bandwidth = 0");
    const gate = Promise.withResolvers<void>();
    // Asked for the time, it is at its end.
    const now = (): number => {
      gate.resolve();
      return 1;
    };
    const cloned = runClone(order("early"), { ...options(() => gate.promise), now }, (error) => error);
    await expect(cloned).rejects.toMatchObject({ code: "CLONE_TABLES_LATE" });
  });
});
