import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection, RowDataPacket } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { RestorePlan, RestoreRequest } from "#lib/contract/recovery/restore.ts";
import { workerConfig } from "#lib/contract/config/worker.ts";
import { systemClock } from "#lib/platform/clock.ts";
import { newId } from "#lib/platform/ids.ts";
import { createLog } from "#lib/platform/log.ts";
import { Secret } from "#lib/platform/secret.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { loadIdentity } from "#worker/host/identity.ts";
import { RunJournal } from "#worker/host/journal.ts";
import { conductRun, type RunContext, type RunEnd } from "#worker/host/run-context.ts";
import { type HostRuntime, prepareFolders } from "#worker/host/runtime.ts";
import { openKeyring } from "#worker/keyring/keyring.ts";
import { backupFull } from "#worker/pipelines/backup/index.ts";
import { testTools } from "#worker/testing/tools.ts";
import { whileUnheld } from "./exchange.ts";
import { planRestore, RESTORE_STAGES, runRestore } from "./index.ts";

describe.each(["mysql", "mariadb"] as const)("restore on %s", (flavor) => {
  const folder = mkdtempSync(join(tmpdir(), "sg-restore-"));
  const old = `shop_${flavor}_${process.pid}`;
  let connection: Connection;
  let host: HostRuntime;
  let setId: string;

  const sql = async (...statements: string[]): Promise<void> => {
    for (const statement of statements) await connection.query(statement);
  };
  const value = async (statement: string): Promise<string> => {
    const [rows] = await connection.query<RowDataPacket[]>({ sql: statement, rowsAsArray: true });
    return String((rows[0] as unknown as unknown[] | undefined)?.[0]);
  };
  const schemas = async (): Promise<string[]> => {
    const [rows] = await connection.query<RowDataPacket[]>("SELECT SCHEMA_NAME AS v FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE ?", [`${old}%`]);
    return rows.map((row) => String(row.v)).sort();
  };
  const conduct = <T>(kind: "backup-full" | "restore", work: (context: RunContext) => Promise<T>, signal = new AbortController().signal, runId = newId(Date.now())): Promise<RunEnd<T>> => {
    const journal = new RunJournal({ folder: host.folders.journals, host: "test", runId, clock: systemClock });
    return conductRun({ journal, clock: systemClock, log: host.log, signal }, { kind, trigger: "manual", stages: [...RESTORE_STAGES] }, work);
  };
  const request = (target: RestoreRequest["target"], scope: RestoreRequest["scope"] = { kind: "schemas", schemas: [old] }): RestoreRequest => ({ setId, server: "db", scope, target });
  const check = (name: string, expect: string, schema = old) => ({ name, sql: "SELECT COUNT(*) FROM orders", expect, schema });
  const planned = async (wanted: RestoreRequest): Promise<RestorePlan> => {
    const result = await planRestore(host, wanted);
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    return result.plan;
  };

  beforeAll(async () => {
    const service = inject("services")[flavor];
    connection = await connect({ name: "db", socket: service.socket, user: service.user, password: new Secret(service.password) });
    await sql(
      "SET GLOBAL log_bin_trust_function_creators = 1",
      `CREATE DATABASE ${old} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`,
      `USE ${old}`,
      "CREATE TABLE customers (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(60) NOT NULL, code INT, UNIQUE KEY u (code), KEY n (name)) ENGINE=InnoDB",
      "CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, customer INT NOT NULL, note TEXT, CONSTRAINT owner FOREIGN KEY (customer) REFERENCES customers (id)) ENGINE=InnoDB",
      "INSERT INTO customers (name, code) VALUES ('Anna', 1), ('Bruno', 2), ('Carla', 3)",
      `INSERT INTO orders (customer, note) VALUES (1, 'see ${old}.orders'), (2, NULL), (2, 'x''y')`,
      "CREATE VIEW big AS SELECT c.name, COUNT(*) AS n FROM customers c JOIN orders o ON o.customer = c.id GROUP BY c.name",
      "CREATE FUNCTION twice(x INT) RETURNS INT RETURN x * 2",
      "CREATE TRIGGER stamp BEFORE INSERT ON orders FOR EACH ROW SET NEW.note = CONCAT(COALESCE(NEW.note, ''), '!')",
      "CREATE EVENT clean ON SCHEDULE EVERY 1 YEAR STARTS '2036-01-01 00:00:00' DO DELETE FROM orders WHERE id < 0",
    );
    const passwordFile = join(folder, "password");
    writeFileSync(passwordFile, service.password, { mode: 0o600 });
    const tools = testTools();
    const keyring = openKeyring(join(folder, "keyring"), tools);
    const fingerprint = await keyring.generateKey("test", null);
    const config = workerConfig.parse({
      host: "test", stateDir: join(folder, "state"), spoolDir: join(folder, "spool"), sandboxDir: join(folder, "sandbox"), keyring: { home: join(folder, "keyring") },
      servers: [{ name: "db", socket: service.socket, user: service.user, password: { file: passwordFile }, restoreTarget: true }],
      destinations: [{ name: "here", kind: "local", root: join(folder, "copies") }],
      policies: [{ name: "all", server: "db", schemas: [old], destinations: ["here"], recipients: ["key"], fingerprints: "never", restoreTest: false }],
      keys: [{ name: "key", purpose: "operations", key: { armored: await keyring.exportPublic(fingerprint) } }],
    });
    host = { config, settings: config, folders: prepareFolders(config), identity: await loadIdentity(config.stateDir), tools, clock: systemClock, log: createLog({ name: "test", level: "silent" }) };
    setId = newId(Date.now());
    const end = await conduct("backup-full", (context) => backupFull(context, host, "all"), undefined, setId);
    expect(end.fault).toBeUndefined();
  });
  afterAll(async () => {
    for (const schema of await schemas()) await connection.query(`DROP DATABASE ${schema}`);
    await connection.end();
    rmSync(folder, { recursive: true, force: true });
  });

  it("beside: everything under a new name, events disabled, the old untouched", async () => {
    const end = await conduct("restore", async (context) => runRestore(context, host, await planned(request({ kind: "beside", server: "db", names: { [old]: `${old}_copy` }, leaveOutReferencing: false }))));
    expect(end.fault).toBeUndefined();
    expect(end.value?.created).toEqual([`${old}_copy`]);
    expect(await value(`SELECT GROUP_CONCAT(CONCAT(name, n) ORDER BY name) FROM ${old}_copy.big`)).toBe("Anna1,Bruno2");
    expect(await value(`SELECT note FROM ${old}_copy.orders WHERE id = 1`)).toBe(`see ${old}.orders`);
    expect(await value(`SELECT REFERENCED_TABLE_SCHEMA FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = '${old}_copy' AND CONSTRAINT_NAME = 'owner'`)).toBe(`${old}_copy`);
    expect(await value(`SELECT STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '${old}_copy'`)).toBe("DISABLED");
    expect(await value(`SELECT STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '${old}'`)).toBe("ENABLED");
    const again = await planRestore(host, request({ kind: "beside", server: "db", names: { [old]: `${old}_copy` }, leaveOutReferencing: false }));
    expect(again).toMatchObject({ ok: false, faults: [{ code: "TARGET_NOT_EMPTY" }] });
    await sql(`DROP DATABASE ${old}_copy`);
  });

  it("one table beside: its rows and nothing else", async () => {
    const plan = await planned(request({ kind: "beside", server: "db", names: { [old]: `${old}_one` }, leaveOutReferencing: false }, { kind: "tables", schema: old, tables: ["customers"] }));
    expect((await conduct("restore", (context) => runRestore(context, host, plan))).fault).toBeUndefined();
    expect(await value(`SELECT GROUP_CONCAT(TABLE_NAME) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${old}_one'`)).toBe("customers");
    expect(await value(`SELECT COUNT(*) FROM ${old}_one.customers`)).toBe("3");
    await sql(`DROP DATABASE ${old}_one`);
  });

  it("in place: rows come back, programs too, what was there is kept", async () => {
    const [server] = host.settings.servers;
    server?.assertions.push(check("as many as then", "3"), check("of another", "0", "elsewhere"));
    const plan = await planned(request({ kind: "in-place", server: "db" }));
    expect([plan.typedName, plan.checks]).toEqual([old, ["as many as then"]]);
    expect(plan.steps.find(({ id }) => id === "finish")?.commands).toEqual([`USE ${old}; SELECT COUNT(*) FROM orders -- as many as then: 3`]);
    expect((await conduct("restore", (context) => runRestore(context, host, plan, "something else"))).fault?.code).toBe("TYPED_NAME_WRONG");
    await sql(`DELETE FROM ${old}.orders WHERE id = 2`, `UPDATE ${old}.customers SET name = 'Wrong' WHERE id = 1`, `DROP VIEW ${old}.big`);
    const said: string[] = [];
    const end = await conduct("restore", (context) => runRestore({ ...context, log: (_level, text) => void said.push(text) }, host, plan, old));
    server?.assertions.splice(0);
    expect(end.fault).toBeUndefined();
    expect(said).toContain("own checks passed: as many as then");
    expect(await value(`SELECT name FROM ${old}.customers WHERE id = 1`)).toBe("Anna");
    expect(await value(`SELECT COUNT(*) FROM ${old}.orders`)).toBe("3");
    expect(await value(`SELECT n FROM ${old}.big WHERE name = 'Bruno'`)).toBe("2");
    expect(await value(`SELECT ${old}.twice(21)`)).toBe("42");
    await sql(`INSERT INTO ${old}.orders (customer, note) VALUES (3, 'new')`);
    expect(await value(`SELECT note FROM ${old}.orders WHERE customer = 3`)).toBe("new!");
    await expect(connection.query(`INSERT INTO ${old}.orders (customer) VALUES (999)`)).rejects.toMatchObject({ errno: 1452 });
    const [kept] = end.value?.kept ?? [];
    expect(await value(`SELECT name FROM ${kept}.customers WHERE id = 1`)).toBe("Wrong");
    expect(await value(`SELECT COUNT(*) FROM ${kept}.orders`)).toBe("2");
    expect(await schemas()).toEqual([old, kept]);
    await sql(`DROP DATABASE ${kept}`, `DELETE FROM ${old}.orders WHERE customer = 3`);
  });

  it.each(["cancelled", "an own check"] as const)("in place that fails after the exchange (%s): everything as it was", async (why) => {
    await sql(`UPDATE ${old}.customers SET name = 'Later' WHERE id = 1`);
    const [server] = host.settings.servers;
    // Of what is in use it would hold.
    if (why === "an own check") server?.assertions.push({ ...check("the new name", "1"), sql: "SELECT COUNT(*) FROM customers WHERE name = 'Later'" });
    const plan = await planned(request({ kind: "in-place", server: "db" }));
    const abort = new AbortController();
    const end = await conduct("restore", (context) => {
      const breaking: RunContext = { ...context, log: (level, text) => (why === "cancelled" && /MB loaded/.test(text) && ++loads === 2 ? abort.abort() : context.log(level, text)) };
      let loads = 0;
      return runRestore({ ...breaking, signal: abort.signal }, host, plan, old);
    });
    server?.assertions.splice(0);
    if (why === "cancelled") expect(end.fault?.code).toBe("CANCELLED");
    else expect(end.fault).toMatchObject({ code: "OWN_CHECK_FAILED", params: { assertion: "the new name", expected: "1", found: "0" } });
    expect(await schemas()).toEqual([old]);
    expect(await value(`SELECT name FROM ${old}.customers WHERE id = 1`)).toBe("Later");
    expect(await value(`SELECT ${old}.twice(4)`)).toBe("8");
    expect(await value(`SELECT COUNT(*) FROM ${old}.big`)).toBe("2");
    expect(await value(`SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '${old}'`)).toBe("1");
  });

  it("onto a server that lacks it: judged by the own checks that name it, and gone again when one fails", async () => {
    const [server] = host.settings.servers;
    const wanted = request({ kind: "server", server: "db" });
    await sql(`DROP DATABASE ${old}`);
    server?.assertions.push(check("as many as then", "3"), check("of another", "0", "elsewhere"), check("more than then", "> 3"));
    const plan = await planned(wanted);
    expect(plan.steps.find(({ id }) => id === "verify")?.commands).toEqual([`USE ${old}; SELECT COUNT(*) FROM orders -- as many as then: 3`, `USE ${old}; SELECT COUNT(*) FROM orders -- more than then: > 3`]);
    const refused = await conduct("restore", (context) => runRestore(context, host, plan));
    expect(refused.fault).toMatchObject({ code: "OWN_CHECK_FAILED", params: { assertion: "more than then", expected: "> 3", found: "3" } });
    expect(await schemas()).toEqual([]);
    expect((await conduct("restore", async (context) => runRestore(context, host, await planned({ ...wanted, ownChecks: false })))).fault).toBeUndefined();
    server?.assertions.splice(0);
    expect(await value(`SELECT COUNT(*) FROM ${old}.orders`)).toBe("3");
  });

  it("tables that were dropped, in place, the one after the other: the foreign key finds its table, which is told; nothing else takes a name", async () => {
    const wanted = request({ kind: "in-place", server: "db" }, { kind: "tables", schema: old, tables: ["orders"] });
    await sql(`DROP TABLE ${old}.orders`, `CREATE VIEW ${old}.orders AS SELECT 1 AS id`);
    expect(await planRestore(host, wanted)).toMatchObject({ ok: false, faults: [{ code: "TARGET_NAME_TAKEN", params: { objects: `view ${old}.orders` } }] });
    await sql(`DROP VIEW ${old}.orders`);
    const told: unknown[] = [];
    for (const tables of [["orders"], ["customers"]]) {
      if (tables[0] === "customers") await sql("SET foreign_key_checks = 0", `DROP TABLE ${old}.customers`, "SET foreign_key_checks = 1");
      const plan = await planned({ ...wanted, scope: { kind: "tables", schema: old, tables } });
      const end = await conduct("restore", (context) => runRestore({ ...context, finding: (_severity, fault) => void told.push(fault) }, host, plan, old));
      expect(end).not.toHaveProperty("fault");
      expect(end.value?.kept).toEqual([]);
    }
    expect(told).toContainEqual(expect.objectContaining({ code: "RESTORED_KEYS_UNCHECKED", params: { keys: `${old}.orders.owner` } }));
    expect(await schemas()).toEqual([old]);
    await sql(`INSERT INTO ${old}.orders (customer, note) VALUES (3, 'new')`, `DELETE FROM ${old}.orders WHERE note = 'new'`);
    await expect(connection.query(`INSERT INTO ${old}.orders (customer) VALUES (999)`)).rejects.toMatchObject({ errno: 1452 });
    await expect(connection.query(`DELETE FROM ${old}.customers WHERE id = 1`)).rejects.toMatchObject({ errno: 1451 });
  });

  it("in place where a trigger of today does not fit: put back, and told as what it is", async () => {
    await sql(`CREATE TABLE ${old}.lonely (id INT PRIMARY KEY)`);
    const backup = await conduct("backup-full", (context) => backupFull(context, host, "all"));
    await sql(`ALTER TABLE ${old}.lonely ADD COLUMN more INT`, `CREATE TRIGGER ${old}.of_today BEFORE INSERT ON ${old}.lonely FOR EACH ROW SET NEW.more = 1`);
    const plan = await planned({ ...request({ kind: "in-place", server: "db" }, { kind: "tables", schema: old, tables: ["lonely"] }), setId: backup.value?.manifest.id ?? "" });
    expect((await conduct("restore", (context) => runRestore(context, host, plan, old))).fault).toMatchObject({ code: "IN_PLACE_REFUSED", params: { message: expect.stringContaining("'more'") } });
    await sql(`INSERT INTO ${old}.lonely (id) VALUES (1)`);
    expect(await value(`SELECT more FROM ${old}.lonely`)).toBe("1");
    expect(await schemas()).toEqual([old]);
    await sql(`DROP TABLE ${old}.lonely`);
  });

  it("tables that a program holds: given up in time with its session named, before anything is changed", async () => {
    const service = inject("services")[flavor];
    const access = { name: "db", socket: service.socket, user: service.user, password: new Secret(service.password) };
    const [holder, own] = await Promise.all([connect(access), connect(access)]);
    const exchanges = [{ live: old, staging: `${old}_new`, kept: `${old}_pre`, incoming: ["orders"], outgoing: ["orders"] }];
    const done: string[] = [];
    const attempt = (): Promise<void> => whileUnheld(own, access, exchanges, async () => void done.push("work"), () => void done.push("begun"), 1);
    await holder.query("BEGIN");
    await holder.query(`SELECT COUNT(*) FROM ${old}.orders`);
    await expect(attempt()).rejects.toMatchObject({ code: "IN_PLACE_BLOCKED", params: { seconds: 1, account: expect.stringContaining(`${holder.threadId} (`) } });
    expect(done).toEqual([]);
    await holder.query("ROLLBACK");
    await attempt();
    expect(done).toEqual(["begun", "work"]);
    for (const one of [holder, own]) one.destroy();
  });

  it("refuses what it must", async () => {
    const plan = await planned(request({ kind: "beside", server: "db", names: { [old]: `${old}_late` }, leaveOutReferencing: false }));
    expect((await conduct("restore", (context) => runRestore(context, host, { ...plan, expiresAt: new Date(0).toISOString() }))).fault?.code).toBe("PLAN_EXPIRED");
    expect((await conduct("restore", (context) => runRestore(context, host, { ...plan, hash: "0".repeat(64) }))).fault?.code).toBe("PLAN_CHANGED");
    await sql(`CREATE DATABASE ${old}_late`);
    expect((await conduct("restore", (context) => runRestore(context, host, plan))).fault?.code).toBe("TARGET_NOT_EMPTY");
    expect(await schemas()).toContain(`${old}_late`);
    await sql(`DROP DATABASE ${old}_late`);
    expect(await planRestore(host, request({ kind: "in-place", server: "db" }, { kind: "tables", schema: old, tables: ["customers"] }))).toMatchObject({ ok: false, faults: [{ code: "TARGET_REFERENCED" }] });
    expect(await planRestore(host, request({ kind: "server", server: "db" }))).toMatchObject({ ok: false, faults: [{ code: "TARGET_NOT_EMPTY" }] });
    expect(await planRestore(host, request({ kind: "server", server: "db" }, { kind: "schemas", schemas: ["nobody"] }))).toMatchObject({ ok: false, faults: [{ code: "SCOPE_UNKNOWN" }] });
  });
});
