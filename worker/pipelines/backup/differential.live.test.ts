import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Connection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunEvent } from "#lib/contract/events.ts";
import type { Manifest } from "#lib/contract/manifest/manifest.ts";
import { Secret } from "#lib/platform/secret.ts";
import { newId } from "#lib/platform/ids.ts";
import { type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { ActiveRuns } from "#worker/host/active-runs.ts";
import { planRestore, runRestore } from "#worker/pipelines/restore/index.ts";
import { verifySet } from "#worker/pipelines/verify/index.ts";
import { processJob } from "#worker/processors/process-job.ts";
import { CHANGE_CUT_TABLES, CREATE_CUT_TABLES, CUT_TABLES, cutOf, holdsAny, rangesIn, rangesWithRows } from "#worker/testing/cut-tables.ts";
import { commandLine } from "#worker/testing/command-line.ts";
import { filesUnder, findingCodes } from "#worker/testing/fault-scene.ts";
import { type LiveHost, makeLiveHost } from "#worker/testing/live-host.ts";
import { until } from "#worker/testing/processes.ts";
import { rowSums } from "#worker/testing/row-sums.ts";
import { flipMiddle, storedFiles } from "#worker/testing/stored-set.ts";
import { backupDifferential, backupFull } from "./index.ts";

const STRANGE = "it's `so` è";

/** A full, then every kind of change, then a differential of it. */
describe.each(["mysql", "mariadb"] as const)("a differential on %s", { timeout: 180_000 }, (flavor) => {
  const [shop, tiny] = ["shop", "tiny"];
  /** Its own: a backup of another test would hold its tables. */
  let server: RunningMysql;
  let connection: Connection;
  let live: LiveHost;
  let full: Manifest;
  let differential: Manifest;

  const sql = async (...statements: string[]): Promise<void> => {
    for (const statement of statements) await connection.query(statement);
  };
  const take = (given: { onEvent?: (event: RunEvent) => void } = {}) => live.run((context) => backupDifferential(context, live.host, "all"), given);
  const reread = () => live.run((context) => verifySet(context, live.host, { server: "db", setId: differential.id, level: "intact" }));
  const folder = (copy: "one" | "two", kind: "full" | "differential", setId: string): string => join(live.destination(copy), "db", kind, setId);
  const dataTables = ({ artifacts }: { artifacts: Manifest["artifacts"] }): string[] => [...new Set(artifacts.flatMap(({ schema, tables = [] }) => tables.map((table) => `${schema}.${table}`)))].sort();
  const isWhole = (table: string): boolean => !table.startsWith(`${shop}.cut_`);
  const manifestOf = (setId: string): boolean => ["one", "two"].some((copy) => existsSync(join(folder(copy as "one" | "two", "differential", setId), "manifest.json")));

  beforeAll(async () => {
    server = await startMysql({ flavor });
    connection = await connect({ name: "db", socket: server.socket, user: server.user, password: new Secret(server.password) });
    await sql(
      `CREATE DATABASE ${shop} CHARACTER SET utf8mb4`, `CREATE DATABASE ${tiny} CHARACTER SET utf8mb4`, `USE ${shop}`,
      "CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(40))", "INSERT INTO customers VALUES (1, 'never-to-be-read-outside'), (2, 'è')",
      "CREATE TABLE orders (id INT PRIMARY KEY, customer INT, FOREIGN KEY (customer) REFERENCES customers (id))", "INSERT INTO orders VALUES (1, 1), (2, 2)",
      "CREATE TABLE indexed (id INT PRIMARY KEY, a INT)", "INSERT INTO indexed VALUES (1, 1)",
      "CREATE TABLE widened (id INT PRIMARY KEY)", "INSERT INTO widened VALUES (1)",
      "CREATE TABLE old_name (id INT PRIMARY KEY)", "INSERT INTO old_name VALUES (7)",
      "CREATE TABLE gone (id INT PRIMARY KEY)", "INSERT INTO gone VALUES (9)",
      "CREATE TABLE emptied (id INT PRIMARY KEY)", "INSERT INTO emptied VALUES (1)",
      "CREATE TABLE always_empty (id INT PRIMARY KEY)",
      "CREATE TABLE isam (id INT PRIMARY KEY) ENGINE=MyISAM", "INSERT INTO isam VALUES (1), (2)",
      // Larger than what waits in memory, so that its artifact is begun and dropped.
      "CREATE TABLE large_same (id CHAR(1) PRIMARY KEY, t LONGTEXT)", "CREATE TABLE large_changed LIKE large_same",
      ...[1, 2, 3].flatMap((n) => ["large_same", "large_changed"].map((table) => `INSERT INTO ${table} VALUES (${n}, REPEAT('${n}', 700000))`)),
      ...CREATE_CUT_TABLES,
      "CREATE VIEW names AS SELECT name FROM customers",
      `CREATE TABLE ${tiny}.\`${STRANGE.replaceAll("`", "``")}\` (id INT PRIMARY KEY)`, `INSERT INTO ${tiny}.\`${STRANGE.replaceAll("`", "``")}\` VALUES (1)`,
    );
    live = await makeLiveHost({ server, policy: { schemas: [shop, tiny], parallel: 2, rangeMiB: 1 } });
  });
  afterAll(async () => {
    connection?.destroy();
    await live?.close();
    await server?.stop();
  });

  it("needs a full that is proven, and says so", async () => {
    expect((await take()).fault).toMatchObject({ code: "DIFFERENTIAL_NO_BASE", params: { policy: "all", newest: "There is no full of it yet." } });
    const taken = await live.run((context) => backupFull(context, live.host, "all"));
    expect(taken.fault).toBeUndefined();
    full = taken.value?.manifest as Manifest;
    for (const { name, column, rows } of CUT_TABLES) {
      const { cut, ...table } = cutOf(full, name);
      expect(table).toMatchObject({ stream: null, rows });
      expect(cut).toMatchObject({ column });
      expect(cut.ranges.reduce((sum, range) => sum + range.rows, 0)).toBe(rows);
      // A file for each range that has rows.
      expect(rangesIn(full.artifacts, name)).toEqual(rangesWithRows(cut));
      expect(rangesIn(full.artifacts, name).size).toBeGreaterThan(1);
    }
    expect((await take()).fault).toMatchObject({ code: "DIFFERENTIAL_NO_BASE", params: { newest: `The newest one, ${full.id}, has not passed its test.` } });
    storedFiles(live, full.id).prove();
  });

  it("stores the tables that changed and no other, and says of the rest in which file of the full they are", async () => {
    await sql(
      `USE ${shop}`, "UPDATE customers SET name = 'ò' WHERE id = 2", "ALTER TABLE indexed ADD INDEX by_a (a)", "ALTER TABLE widened ADD COLUMN more INT DEFAULT 3", "RENAME TABLE old_name TO new_name",
      "DROP TABLE gone", "DELETE FROM emptied", "INSERT INTO large_changed VALUES (4, REPEAT('4', 700000))", "CREATE TABLE fresh (id INT PRIMARY KEY)", "INSERT INTO fresh VALUES (1)",
      ...CHANGE_CUT_TABLES,
      "CREATE TRIGGER noted BEFORE INSERT ON orders FOR EACH ROW SET NEW.customer = 1", "ALTER VIEW names AS SELECT id, name FROM customers",
    );
    // As console and schedules order it: its restore test comes behind it.
    const runId = newId(Date.now());
    const job = await processJob({ host: live.host, runs: new ActiveRuns(live.host, () => undefined) }, "backup-differential", { runId, policy: "all", trigger: "schedule" });
    expect(job).toMatchObject({ runId, outcome: expect.stringMatching(/^(completed|warning)$/), set: { kind: "differential", parent: { setId: full.id, storedTables: expect.any(Number) }, tables: 15 } });
    differential = storedFiles(live, runId, "differential").manifest();
    expect(differential).toMatchObject({ kind: "differential", parent: { setId: full.id, manifestSha256: storedFiles(live, full.id).verification().manifestSha256, dropped: [{ schema: shop, table: "gone" }, { schema: shop, table: "old_name" }] } });
    for (const { name, changed } of CUT_TABLES) {
      const [{ cut }, before] = [cutOf(differential, name), cutOf(full, name).cut];
      expect(cut.ranges.map(({ from, to }) => [from, to])).toEqual(before.ranges.map(({ from, to }) => [from, to]));
      expect(rangesIn(differential.artifacts, name)).toEqual(rangesWithRows(cut, (range) => holdsAny(range, changed)));
      // The others are in the full's files; one without rows any more is in none.
      expect(rangesIn(differential.parent?.artifacts ?? [], name)).toEqual(rangesWithRows(cut, (range) => !holdsAny(range, changed)));
      expect(rangesIn(differential.parent?.artifacts ?? [], name).size).toBeGreaterThan(0);
    }
    expect(job).toMatchObject({ set: { parent: { storedTables: dataTables(differential).length } } });
    expect(dataTables(differential).filter(isWhole)).toEqual(["customers", "emptied", "fresh", "large_changed", "new_name", "widened"].map((name) => `${shop}.${name}`));
    const borrowed = differential.parent?.artifacts ?? [];
    expect(dataTables({ artifacts: borrowed }).filter(isWhole)).toEqual([`${shop}.indexed`, `${shop}.isam`, `${shop}.large_same`, `${shop}.orders`, `${tiny}.${STRANGE}`].sort());
    // By name, digest and size the very files of the full.
    for (const file of borrowed) expect(full.artifacts.find(({ name }) => name === file.name)?.sealed).toEqual(file.sealed);
    expect(new Set([...differential.artifacts, ...full.artifacts].filter(({ role }) => role === "data").map(({ name }) => name)).size).toBe([...differential.artifacts, ...full.artifacts].filter(({ role }) => role === "data").length);
    for (const copy of ["one", "two"] as const) expect(readdirSync(folder(copy, "differential", differential.id)).sort()).toEqual([...differential.artifacts.map(({ name }) => name), "manifest.json", "verification.json"].sort());
    expect(Number(differential.coordinate?.position)).toBeGreaterThan(0);
    expect(differential.coordinate).not.toEqual(full.coordinate);
    expect(readdirSync(live.host.folders.spool)).toEqual([]);
    for (const name of filesUnder(live.folder)) expect(readFileSync(name).includes("never-to-be-read-outside")).toBe(false);
  });

  it("is proven together with its full: every table's rows, structure and objects compared", () => {
    for (const copy of ["one", "two"] as const) expect(storedFiles(live, differential.id, "differential").verification(copy)).toMatchObject({ level: "proven", restoreTest: { differences: [], compared: { tables: 15, streams: 15 } } });
  });

  it("is restored as it was: full and differential together make the source", async () => {
    const request = { setId: differential.id, server: "db", scope: { kind: "schemas" as const, schemas: [shop, tiny] }, target: { kind: "beside" as const, server: "db", names: { [shop]: `${shop}_b`, [tiny]: `${tiny}_b` }, leaveOutReferencing: true } };
    const plan = await planRestore(live.host, request);
    if (!plan.ok) throw new Error(JSON.stringify(plan.faults));
    expect(plan.plan.tables).toBe(15);
    const run = await live.run((context) => runRestore(context, live.host, plan.plan));
    expect(run.fault).toBeUndefined();
    const tables = differential.inventory.schemas.flatMap(({ name: schema, tables: own }) => own.map(({ name }) => ({ schema, name })));
    const [source, restored] = [await rowSums(connection, tables), await rowSums(connection, tables.map(({ schema, name }) => ({ schema: `${schema}_b`, name })))];
    expect(Object.values(restored)).toEqual(Object.values(source));
    await sql(`DROP DATABASE ${shop}_b`, `DROP DATABASE ${tiny}_b`);
    if (flavor === "mariadb") return;
    // Tables alone, whose rows lie in files of the full beside others, or in files of both.
    const only = await planRestore(live.host, { ...request, scope: { kind: "tables", schema: shop, tables: ["orders", "cut_keys"] }, target: { ...request.target, names: { [shop]: `${shop}_b` } } });
    if (!only.ok) throw new Error(JSON.stringify(only.faults));
    expect((await live.run((context) => runRestore(context, live.host, only.plan))).fault).toBeUndefined();
    expect(await rowSums(connection, ["orders", "cut_keys"].map((name) => ({ schema: `${shop}_b`, name })))).toEqual(Object.fromEntries(["orders", "cut_keys"].map((name) => [`${shop}_b.${name}`, source[`${shop}.${name}`]])));
    await sql(`DROP DATABASE ${shop}_b`);
  });

  it.runIf(flavor === "mysql")("the command line says which full it needs", async () => {
    const salvagente = commandLine(live);
    const listed = JSON.parse((await salvagente("list").end).stdout) as { destinations: { sets: { summary: { setId: string; kind: string; parent?: { setId: string } } }[] }[] };
    expect(listed.destinations.map(({ sets }) => sets.map(({ summary }) => [summary.kind, summary.parent?.setId]))).toEqual([1, 2].map(() => [["full", undefined], ["differential", full.id]]));
    expect(JSON.parse((await salvagente("show", "db", differential.id).end).stdout)).toMatchObject({ manifest: { parent: { setId: full.id } } });
  });

  describe.runIf(flavor === "mysql")("in trouble", () => {
    const away = (copy: "one" | "two"): string => join(live.folder, `away-${copy}`);
    const hide = (copy: "one" | "two"): void => renameSync(folder(copy, "full", full.id), away(copy));
    const bringBack = (copy: "one" | "two"): void => (existsSync(away(copy)) ? renameSync(away(copy), folder(copy, "full", full.id)) : undefined);

    it("the full went away at one destination: the differential goes to the other, and is not called whole where it is not", async () => {
      hide("one");
      const run = await take();
      bringBack("one");
      expect(run.fault).toBeUndefined();
      expect(findingCodes(run)).toContain("DIFFERENTIAL_BASE_ABSENT");
      expect(run.value?.copies.map(({ destination, state }) => `${destination} ${state}`).sort()).toEqual(["one missing", "two intact"]);
      expect(existsSync(folder("one", "differential", run.runId))).toBe(false);
      rmSync(folder("two", "differential", run.runId), { recursive: true });
    });

    it("the full is deleted everywhere while the differential runs: no manifest, nothing in the spool", async () => {
      const run = await take({ onEvent: ({ body }) => (body.type === "stage-started" && body.stage === "store" ? (["one", "two"] as const).forEach(hide) : undefined) });
      (["one", "two"] as const).forEach(bringBack);
      expect(run).toMatchObject({ outcome: "failed", fault: { code: "DIFFERENTIAL_BASE_ABSENT", params: { set: full.id } } });
      expect(manifestOf(run.runId)).toBe(false);
      expect(readdirSync(live.host.folders.spool)).toEqual([]);
    });

    it("the full is gone when somebody restores: refused by name, before anything is touched", async () => {
      (["one", "two"] as const).forEach(hide);
      const plan = await planRestore(live.host, { setId: differential.id, server: "db", scope: { kind: "server", accounts: true }, target: { kind: "server", server: "db" } });
      (["one", "two"] as const).forEach(bringBack);
      expect(plan).toMatchObject({ ok: false, faults: [{ code: "DIFFERENTIAL_BASE_ABSENT", params: { set: full.id } }] });
    });

    it("put among the fulls, it is not taken for one", async () => {
      cpSync(folder("one", "differential", differential.id), folder("one", "full", differential.id), { recursive: true });
      const plan = await planRestore(live.host, { setId: differential.id, server: "db", scope: { kind: "server", accounts: true }, target: { kind: "server", server: "db" }, destination: "one" });
      rmSync(folder("one", "full", differential.id), { recursive: true });
      expect(plan).toMatchObject({ ok: false, faults: [{ code: "MANIFEST_INVALID" }] });
    });

    it("a flipped byte in the full's file: the other copy stands for it; in both, the differential is refused", async () => {
      const [file] = differential.parent?.artifacts ?? [];
      const paths = (["one", "two"] as const).map((copy) => join(folder(copy, "full", full.id), file?.name ?? ""));
      flipMiddle(paths[0] as string);
      const first = await reread();
      expect(first.fault).toBeUndefined();
      expect(first.value?.verification).toMatchObject({ level: "proven", copies: [{ destination: "one", state: "corrupt" }, { destination: "two", state: "intact" }] });
      flipMiddle(paths[1] as string);
      expect((await reread()).fault?.code).toBe("COPY_CORRUPT");
      expect(storedFiles(live, differential.id, "differential").verification().level).toBe("refused");
      paths.forEach(flipMiddle);
    });

    it("killed while it dumps: no manifest, and the next one is taken as if nothing had been", async () => {
      const [gpg, begun] = [join(live.folder, "slow-gpg"), join(live.folder, "seal-begun")];
      writeFileSync(gpg, `#!/bin/sh\ncase "$*" in *--encrypt*) : > '${begun}'; while [ -e '${begun}' ]; do sleep 0.1; done ;; esac\nexec '${live.host.tools.gpg}' "$@"\n`, { mode: 0o755 });
      const command = commandLine({ ...live, host: { ...live.host, config: live.host.config, tools: { ...live.host.tools, gpg } } })("backup", "differential", "--policy", "all");
      await until("it seals", () => existsSync(begun), 60_000);
      expect(command.said()).toMatch(/▶ dump/);
      command.child.kill("SIGKILL");
      expect((await command.end).signal).toBe("SIGKILL");
      rmSync(begun);
      const before = listedSets();
      const next = await commandLine(live)("backup", "differential", "--policy", "all").end;
      expect(JSON.parse(next.stdout)).toMatchObject({ ok: true, set: { kind: "differential", parent: { setId: full.id } } });
      expect(listedSets() - before).toBe(1);
      expect(readdirSync(live.host.folders.spool)).toEqual([]);
    });

    const listedSets = (): number => filesUnder(join(live.destination("one"), "db", "differential")).filter((name) => name.endsWith("manifest.json")).length;

    it("of data files, or of another server: the full is no base", async () => {
      const files = storedFiles(live, full.id);
      for (const [change, code] of [
        [(manifest: Manifest) => Object.assign(manifest, { method: "clone" }), "DIFFERENTIAL_METHOD"],
        [(manifest: Manifest) => Object.assign(manifest.server, { uuid: "another" }), "DIFFERENTIAL_OTHER_SERVER"],
      ] as const) {
        files.resign(change);
        files.prove();
        expect((await take()).fault?.code).toBe(code);
        files.putBack();
      }
      const [policy] = live.host.config.policies;
      live.host.config.policies.push({ ...(policy as NonNullable<typeof policy>), name: "files", method: "clone" });
      expect((await live.run((context) => backupDifferential(context, live.host, "files"))).fault?.code).toBe("DIFFERENTIAL_METHOD");
    });
  });
});
