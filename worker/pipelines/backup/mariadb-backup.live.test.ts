import type { ChildProcess } from "node:child_process";
import { chownSync, copyFileSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Connection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SetSummary } from "#lib/contract/events.ts";
import type { Manifest } from "#lib/contract/manifest/manifest.ts";
import type { RestoreRequest } from "#lib/contract/recovery/restore.ts";
import { Secret } from "#lib/platform/secret.ts";
import { freePort } from "#scripts/services/place.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { backupIncremental } from "#worker/pipelines/archive/incremental.ts";
import { planRestore, runRestore } from "#worker/pipelines/restore/index.ts";
import { resolveInstant } from "#worker/pipelines/restore/instant/resolve-instant.ts";
import { verifySet } from "#worker/pipelines/verify/index.ts";
import type { ArchiveScene } from "#worker/testing/archive-scene.ts";
import { commandLine } from "#worker/testing/command-line.ts";
import { madeServer, makeMariadbBackupScene, rowsIn, sequence, STANDING_ROWS, unpacked } from "#worker/testing/mariadb-backup-scene.ts";
import { haltedProgram, recoveredByHand } from "#worker/testing/mariadb-by-hand.ts";
import { until } from "#worker/testing/processes.ts";
import { backupDifferential, backupFull, backupStages } from "./index.ts";

const OPEN = "open all along";
const WRITTEN = ["ledger", "old", "crash_safe"] as const;

let scene: ArchiveScene;
let source: Connection;
/** Holds a transaction open from before the full until after the differential. */
let open: Connection;
let set: Manifest;
let differential: Manifest;
let stopArchive: () => Promise<void>;
const started: ChildProcess[] = [];

const value = async (sql: string, on: Connection = source): Promise<string> => String(((await on.query({ sql, rowsAsArray: true }))[0] as unknown[][])[0]?.[0]);
const copies = (): string[] => readdirSync(scene.live.host.folders.sandbox).filter((name) => name !== "templates");
const asRoot = () => ({ name: "db", user: "root", password: new Secret(scene.server().password) });

beforeAll(async () => {
  scene = await makeMariadbBackupScene();
  [source, open] = await Promise.all([1, 2].map(() => connect({ ...asRoot(), socket: scene.server().socket }))) as [Connection, Connection];
  await open.query("BEGIN");
  await open.query(`UPDATE shop.ledger SET content = '${OPEN}' WHERE id <= 1000`);
  stopArchive = scene.archive();
}, 120_000);

afterAll(async () => {
  for (const child of started) child.kill("SIGKILL");
  await stopArchive?.();
  for (const connection of [source, open]) connection?.destroy();
  await scene?.close();
});

/** What changed since the last checkpoint is in a copy twice: in pages, and in the redo log. With one just made, sizes tell what changed. */
const checkpointed = () => until("a checkpoint", async () => Number(await value("SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'INNODB_CHECKPOINT_AGE'")) < 100_000, 60_000);
const backup = () => scene.live.run((context) => backupFull(context, scene.live.host, "all"));
const differ = () => scene.live.run((context) => backupDifferential(context, scene.live.host, "all"));
const verify = (setId: string) => scene.live.run((context) => verifySet(context, scene.live.host, { server: "db", setId, level: "proven" }));

async function newServer(name: string, wanted: Pick<RestoreRequest, "setId" | "boundary">): Promise<Connection> {
  const { child, access } = await madeServer(scene, name, wanted);
  started.push(child);
  return connect(access);
}

describe("physical full of MariaDB by mariadb-backup", { timeout: 120_000 }, () => {
  it("is consistent across engines while rows are written, knows its place, and leaves no copy behind", async () => {
    await checkpointed();
    let writing = true;
    const writer = (async () => {
      while (writing) for (const table of WRITTEN) await scene.sql(`INSERT INTO shop.${table} (content) VALUES ('while it is copied')`);
    })();
    const run = await backup();
    writing = false;
    await writer;
    expect(run.fault).toBeUndefined();
    set = run.value?.manifest as Manifest;
    expect(set).toMatchObject({ method: "mariadb-backup", streams: 2, physical: { pageSize: 16384, dataFilePath: "ibdata1:12M:autoextend", undoTablespaces: 0 } });
    expect(set.artifacts.map(({ role }) => role)).toEqual(["files", "files"]);
    expect(set.physical?.lsn).toMatchObject({ from: "0" });
    expect(run.events.flatMap(({ body }) => (body.type === "stage-finished" && body.ok ? [body.stage] : []))).toEqual(backupStages({ method: "mariadb-backup" }, "backup-full"));
    // Every row written after the place is one transaction after its GTID: across all three engines none is missing and none is there twice.
    const total = Number(await value(`SELECT ${WRITTEN.map((table) => `(SELECT COUNT(*) FROM shop.${table})`).join(" + ")}`));
    expect(sequence(await value("SELECT @@GLOBAL.gtid_binlog_pos")) - sequence(set.coordinate?.gtidSet ?? "")).toBe(total - rowsIn(set, ...WRITTEN));
    expect(Math.min(...WRITTEN.map((table) => rowsIn(set, table)))).toBeGreaterThan(0);
    expect(set.inventory.accounts.map(({ name }) => name)).toContain("app@host.that.is.told.by.name");
    expect(set.inventory.accounts.map(({ name }) => name).filter((name) => name.includes("sandbox"))).toEqual([]);
    expect(copies()).toEqual([]);
    expect(readdirSync(scene.live.host.folders.spool)).toEqual([]);
    const stored = join(scene.live.destination("one"), "db", "full", set.id);
    for (const { name } of set.artifacts) expect(readFileSync(join(stored, name)).includes("never-to-be-read-outside")).toBe(false);
  });

  it("is proven from its files", async () => {
    const proof = await verify(set.id);
    expect(proof.fault).toBeUndefined();
    expect(proof.value?.verification).toMatchObject({ level: "proven", restoreTest: { differences: [], compared: { tables: 8, rows: rowsIn(set, ...WRITTEN) + STANDING_ROWS, accounts: set.inventory.accounts.length } } });
    expect(copies()).toEqual([]);
  });

  it("has a differential of the pages that changed, whatever was written, defined, emptied or dropped since, proven together with it", async () => {
    await scene.sql(
      "INSERT INTO shop.ledger (content) SELECT CONCAT('since the full ', seq) FROM shop.seq_1_to_3000", "DELETE FROM shop.ledger WHERE id BETWEEN 4000 AND 4100",
      "INSERT INTO shop.old (content) VALUES ('since')", "TRUNCATE shop.emptied", "ALTER TABLE shop.wider ADD COLUMN more INT DEFAULT 7, FORCE", "RENAME TABLE shop.one_name TO shop.another",
      "DROP TABLE shop.dropped", "CREATE DATABASE later", "CREATE TABLE later.made AS SELECT seq FROM shop.seq_1_to_500", "CREATE USER later@localhost",
    );
    await checkpointed();
    const run = await differ();
    expect(run.fault).toBeUndefined();
    differential = run.value?.manifest as Manifest;
    expect(differential).toMatchObject({ kind: "differential", method: "mariadb-backup", parent: { setId: set.id, physical: set.physical, dropped: [{ schema: "shop", table: "dropped" }, { schema: "shop", table: "one_name" }] } });
    expect(differential.physical?.lsn?.from).toBe(set.physical?.lsn?.to);
    expect(differential.artifacts.map(({ name }) => name.slice(0, 12))).toEqual(["710-changes-", "710-changes-"]);
    expect(run.value?.summary.parent).toEqual({ setId: set.id });
    expect(run.events.flatMap(({ body }) => (body.type === "stage-finished" && body.ok ? [body.stage] : []))).toEqual(backupStages({ method: "mariadb-backup" }, "backup-differential"));
    for (const table of [...WRITTEN, "emptied", "wider", "another"]) expect([table, rowsIn(differential, table)]).toEqual([table, Number(await value(`SELECT COUNT(*) FROM shop.${table}`))]);
    expect(differential.coordinate?.gtidSet).toBe(await value("SELECT @@GLOBAL.gtid_binlog_pos"));
    expect(differential.physical?.increment?.bytes).toBeLessThan(set.physical?.bytes ?? 0);
    const proof = await verify(differential.id);
    expect(proof.fault).toBeUndefined();
    expect(proof.value?.verification).toMatchObject({ level: "proven", restoreTest: { differences: [], compared: { tables: 8, accounts: set.inventory.accounts.length + 1 } } });
    expect(copies()).toEqual([]);
    const salvagente = commandLine(scene.live);
    const [listed, shown] = await Promise.all([salvagente("list").end, salvagente("show", "db", differential.id).end]);
    expect((JSON.parse(listed.stdout) as { destinations: { sets: { summary: SetSummary }[] }[] }).destinations.map(({ sets }) => sets.map(({ summary }) => [summary.kind, summary.parent?.setId]))).toEqual([1, 2].map(() => [["full", undefined], ["differential", set.id]]));
    expect(JSON.parse(shown.stdout)).toMatchObject({ manifest: { parent: { setId: set.id }, physical: { increment: differential.physical?.increment } } });
  });

  it("a differential is refused without its full, and its pages are laid over no other; killed while they are laid over, nothing is left", async () => {
    const { host } = scene.live;
    const archives = (["one", "two"] as const).map((name) => join(scene.live.destination(name), "db", "full", set.id, set.artifacts[0]?.name ?? ""));
    for (const path of archives) renameSync(path, `${path}.away`);
    try {
      expect((await differ()).fault?.code).toBe("DIFFERENTIAL_BASE_ABSENT");
      expect(await planRestore(host, { server: "db", setId: differential.id, scope: { kind: "server", accounts: true }, target: { kind: "instance", server: "none", port: await freePort() } })).toMatchObject({ ok: false, faults: [{ code: "DIFFERENTIAL_BASE_ABSENT" }] });
    } finally {
      for (const path of archives) renameSync(`${path}.away`, path);
    }
    const other = structuredClone(differential);
    // As if the full stood a little earlier: the pages in between would be missed by nobody.
    Object.assign(other.parent?.physical?.lsn ?? {}, { to: String(BigInt(set.physical?.lsn?.to ?? 0) - 100n) });
    expect((await unpacked(scene, other)).fault).toMatchObject({ code: "MARIADB_BACKUP_APPLY", params: { message: expect.stringContaining("proper") } });
    const { mariadb } = host.tools.clients;
    const program = mariadb?.mariadbBackup;
    const killed = join(scene.live.folder, "killed");
    writeFileSync(killed, `#!/bin/bash\ncase "$*" in *--incremental-dir*) kill -9 $$;; esac\nexec '${program}' "$@"\n`, { mode: 0o755 });
    Object.assign(mariadb ?? {}, { mariadbBackup: killed });
    const run = await differ().finally(() => Object.assign(mariadb ?? {}, { mariadbBackup: program }));
    expect(run.fault).toMatchObject({ code: "MARIADB_BACKUP_APPLY", params: { message: "signal SIGKILL" } });
    expect([...copies(), ...readdirSync(host.folders.spool)]).toEqual([]);
    for (const name of ["one", "two"] as const) expect(readdirSync(join(scene.live.destination(name), "db", "differential"))).toEqual([differential.id]);
  });

  it("becomes a new server whose GTIDs go on from the source's", async () => {
    const fresh = await newServer("risorto", { setId: set.id });
    for (const table of WRITTEN) expect(Number(await value(`SELECT COUNT(*) FROM shop.${table}`, fresh))).toBe(rowsIn(set, table));
    expect(await value("SELECT COUNT(*) FROM mysql.user WHERE User LIKE '%sandbox%'", fresh)).toBe("0");
    expect(await value("SELECT @@GLOBAL.event_scheduler", fresh)).toBe("OFF");
    await fresh.query("INSERT INTO shop.ledger (content) VALUES ('after')");
    expect(sequence(await value("SELECT @@GLOBAL.gtid_binlog_pos", fresh))).toBe(sequence(set.coordinate?.gtidSet ?? "") + 1);
    fresh.destroy();
  });

  it("becomes a new server as of just before a DROP TABLE: full, pages, binary logs", async () => {
    // A server that starts on the files rolls back what was open in them, while the log writes to the very same rows.
    await open.query("COMMIT");
    const before = await Promise.all(WRITTEN.map((table) => value(`SELECT COUNT(*) FROM shop.${table}`)));
    await scene.sql("DROP TABLE shop.ledger, shop.old");
    const drop = await value("SELECT @@GLOBAL.gtid_binlog_pos");
    await scene.sql("INSERT INTO shop.crash_safe (content) VALUES ('too late')");
    expect((await scene.live.run((context) => backupIncremental(context, scene.live.host, "db", 100))).fault).toBeUndefined();
    const { setId, boundary } = await resolveInstant(scene.live.host, { server: "db", wanted: { kind: "before", gtid: drop }, skip: [], into: "instance" }, new AbortController().signal);
    expect(setId).toBe(differential.id);
    const fresh = await newServer("prima", { setId, boundary });
    expect(await Promise.all(WRITTEN.map((table) => value(`SELECT COUNT(*) FROM shop.${table}`, fresh)))).toEqual(before);
    expect(await value(`SELECT COUNT(*) FROM shop.ledger WHERE content = '${OPEN}'`, fresh)).toBe("1000");
    expect(await value("SELECT @@GLOBAL.gtid_slave_pos", fresh)).toBe(boundary.expectedGtids);
    fresh.destroy();
  });

  it("comes back into the running server: a worker killed while it lays the pages over the full leaves nothing there, the next restores a schema beside, and tables in place", async () => {
    const { host, folder } = scene.live;
    const { mariadb } = host.tools.clients;
    const program = mariadb?.mariadbBackup ?? "";
    const { halted, meeting } = haltedProgram(folder, program, "--incremental-dir");
    Object.assign(host.settings.servers[0] ?? {}, { restoreAccount: { user: "root", password: { file: join(folder, "password") } } });
    Object.assign(mariadb ?? {}, { mariadbBackup: halted });
    const salvagente = commandLine(scene.live);
    Object.assign(mariadb ?? {}, { mariadbBackup: program });
    const schemas = () => value("SELECT GROUP_CONCAT(SCHEMA_NAME ORDER BY SCHEMA_NAME) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'shop%'");
    const plan = join(folder, "plan.json");
    expect(await salvagente("plan", "db", differential.id, "--schema", "shop", "--as", "shop=shop=back", "--output", plan).end).toMatchObject({ code: 0 });
    const dying = salvagente("restore", plan);
    await until("the pages are laid over the full", () => meeting.isReached(), 60_000);
    process.kill(dying.pid, "SIGKILL");
    expect((await dying.end).signal).toBe("SIGKILL");
    meeting.open();
    expect(await schemas()).toBe("shop");
    expect(await salvagente("restore", plan).end).toMatchObject({ code: 0 });
    for (const table of [...WRITTEN, "emptied", "wider", "another"]) expect([table, Number(await value(`SELECT COUNT(*) FROM \`shop=back\`.${table}`))]).toEqual([table, rowsIn(differential, table)]);
    expect(await value("SELECT CONCAT(SUM(content LIKE 'since the full%'), ' ', SUM(content = 'open all along')) FROM `shop=back`.ledger")).toBe("3000 0");
    expect([...copies(), ...readdirSync(host.folders.spool)]).toEqual([]);
    await scene.sql("UPDATE shop.wider SET more = 8");
    const inPlace = await planRestore(host, { server: "db", setId: differential.id, scope: { kind: "tables", schema: "shop", tables: ["ledger", "old", "wider"] }, target: { kind: "in-place", server: "db" } });
    if (!inPlace.ok) throw new Error(JSON.stringify(inPlace.faults));
    const run = await scene.live.run((context) => runRestore(context, host, inPlace.plan, "shop"));
    expect(run.fault).toBeUndefined();
    for (const table of ["ledger", "old"]) expect(Number(await value(`SELECT COUNT(*) FROM shop.${table}`))).toBe(rowsIn(differential, table));
    const [kept = ""] = run.value?.kept ?? [];
    expect(await Promise.all(["shop", kept].map((schema) => value(`SELECT GROUP_CONCAT(DISTINCT more) FROM ${schema}.wider`)))).toEqual(["7", "8"]);
    await scene.sql("DROP DATABASE `shop=back`", `DROP DATABASE ${kept}`, "DROP TABLE shop.ledger, shop.old");
  });

  it("comes back by hand, with the commands that stand in RECOVER.md: the full, and the differential with it", async () => {
    const hand = await recoveredByHand(scene, { full: set, differential });
    try {
      const there = await connect({ ...asRoot(), socket: hand.socket });
      expect(await value(`SELECT COUNT(*) FROM shop.ledger WHERE content = '${OPEN}'`, there)).toBe("0");
      for (const table of [...WRITTEN, "another"]) expect(Number(await value(`SELECT COUNT(*) FROM shop.${table}`, there))).toBe(rowsIn(differential, table));
      there.destroy();
    } finally {
      hand.close();
    }
  });

  it("with the SQL of the same instant, dumped from the copy", async () => {
    Object.assign(scene.live.host.settings.policies[0] ?? {}, { alsoDump: true, fingerprints: "always" });
    const run = await backup();
    expect(run.fault).toBeUndefined();
    const sets = run.events.flatMap(({ body }) => (body.type === "set" ? [body.summary] : []));
    expect(sets.map(({ method }) => method)).toEqual(["mariadb-backup", "dump"]);
    expect(sets[0]?.coordinate).toEqual(sets[1]?.coordinate);
    const proof = await verify(sets[1]?.setId ?? "");
    expect(proof.fault).toBeUndefined();
    expect(proof.value?.verification).toMatchObject({ level: "proven", restoreTest: { differences: [], compared: { tables: 6, fingerprints: 6 } } });
  });

  it("no differential is taken once the server works on copies of its files, where pages have numbers of another history", async () => {
    await scene.restart({
      between(data) {
        const [own, copy] = [join(data, "ibdata1"), join(data, "copied")];
        const { uid, gid } = statSync(own);
        copyFileSync(own, copy);
        chownSync(copy, uid, gid);
        renameSync(copy, own);
      },
    });
    expect((await differ()).fault).toMatchObject({ code: "DIFFERENTIAL_OTHER_FILES", params: { set: set.id, message: expect.stringContaining("other files") } });
  });
});
