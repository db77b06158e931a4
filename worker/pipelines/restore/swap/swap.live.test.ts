import { join } from "node:path";
import type { Connection, RowDataPacket } from "mysql2/promise";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SwapOrder, SwapPlan, SwapRecord } from "#lib/contract/recovery/swap.ts";
import { movesOf } from "#lib/domain/recovery/swap-standing.ts";
import { Secret } from "#lib/platform/secret.ts";
import { type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { commandLine } from "#worker/testing/command-line.ts";
import { type LiveHost, makeLiveHost } from "#worker/testing/live-host.ts";
import { until } from "#worker/testing/processes.ts";
import { draftSwap, type SwapDraft } from "./draft-swap.ts";
import { dropKept } from "./drop-kept.ts";
import { planSwap, requestOf } from "./plan-swap.ts";
import { runSwap } from "./run-swap.ts";
import { listRecords, readRecord, writeRecord } from "./swap-record.ts";
import { createSchemas } from "./swap-schemas.ts";
import { renameStatement } from "./swap-statements.ts";
import { dropTriggers, makeTriggers } from "./swap-triggers.ts";
import { recoverSwap, takeBack } from "./take-back.ts";

/** What is in use, and a copy of it as a restore beside makes one: other rows, a table that is gone from use, one trigger more. */
describe.each(["mysql", "mariadb"] as const)("a swap on %s", { timeout: 120_000 }, (flavor) => {
  const [live, copy, account] = ["swap", "swap_copy", "swapper"];
  /** Its own: whoever backs up beside it holds all tables for a moment. */
  let server: RunningMysql;
  let connection: Connection;
  let scene: LiveHost;

  const sql = async (...statements: string[]): Promise<void> => {
    for (const statement of statements) await connection.query(statement);
  };
  const value = async (statement: string): Promise<string> => {
    const [rows] = await connection.query<RowDataPacket[]>({ sql: statement, rowsAsArray: true });
    return String((rows[0] as unknown as unknown[] | undefined)?.[0]);
  };
  const schemas = () => value(`SELECT GROUP_CONCAT(SCHEMA_NAME ORDER BY SCHEMA_NAME) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE '${live}%'`);
  const triggers = (schema: string) => value(`SELECT GROUP_CONCAT(CONCAT(TRIGGER_NAME, ' ', EVENT_OBJECT_TABLE) ORDER BY TRIGGER_NAME, EVENT_OBJECT_TABLE) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '${schema}'`);
  /** All that a swap may change: tables with their rows, triggers with their texts, keys. */
  const picture = async (): Promise<string[]> => {
    const [tables] = await connection.query<RowDataPacket[]>("SELECT TABLE_SCHEMA AS s, TABLE_NAME AS t FROM information_schema.TABLES WHERE TABLE_SCHEMA LIKE ? ORDER BY 1, 2", [`${live}%`]);
    const [texts] = await connection.query<RowDataPacket[]>("SELECT TRIGGER_SCHEMA AS s, TRIGGER_NAME AS n, EVENT_OBJECT_TABLE AS t, ACTION_ORDER AS o, ACTION_STATEMENT AS x, SQL_MODE AS m, CHARACTER_SET_CLIENT AS c FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA LIKE ? ORDER BY 1, 2", [`${live}%`]);
    const [keys] = await connection.query<RowDataPacket[]>("SELECT TABLE_SCHEMA AS s, TABLE_NAME AS t, REFERENCED_TABLE_SCHEMA AS rs, REFERENCED_TABLE_NAME AS rt FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_NAME IS NOT NULL AND TABLE_SCHEMA LIKE ? ORDER BY 1, 2", [`${live}%`]);
    const rows = await Promise.all(tables.map(async ({ s, t }) => `${s}.${t}: ${await value(`SELECT COUNT(*) FROM \`${s}\`.\`${t}\``)}`));
    return [await schemas(), ...rows, ...[...texts, ...keys].map((row) => JSON.stringify(row))];
  };
  const order = (more: Partial<Extract<SwapOrder, { kind: "swap" }>> = {}): SwapOrder => ({ kind: "swap", server: "db", pairs: { [live]: copy }, moveRest: false, lockWaitSeconds: 10, ...more });
  const undo = (runId: string): SwapOrder => ({ kind: "undo", runId, lockWaitSeconds: 10 });
  const planned = async (wanted: SwapOrder): Promise<SwapPlan> => {
    const result = await planSwap(scene.host, wanted);
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    return result.plan;
  };
  const run = (plan: SwapPlan, typed: string = live) => scene.run((context) => runSwap(context, scene.host, plan, typed));

  beforeAll(async () => {
    server = await startMysql({ flavor });
    connection = await connect({ name: "db", socket: server.socket, user: server.user, password: new Secret(server.password) });
    // As docs/operations.md asks for; SYSTEM_USER because the triggers here are root's.
    const more = flavor === "mysql" ? ", SET_ANY_DEFINER, ALLOW_NONEXISTENT_DEFINER, SYSTEM_USER" : ", SET USER";
    await sql("SET GLOBAL log_bin_trust_function_creators = 1", `CREATE USER ${account}@localhost IDENTIFIED BY 's3gr3to'`, `GRANT SELECT, INSERT, CREATE, ALTER, DROP, LOCK TABLES, SHOW VIEW, TRIGGER, EVENT, PROCESS${more} ON *.* TO ${account}@localhost`);
    scene = await makeLiveHost({ server: { ...server, user: account, password: "s3gr3to" } });
  });
  beforeEach(async () => {
    await sql(
      ...[live, copy].flatMap((schema) => [
        `CREATE DATABASE ${schema} CHARACTER SET utf8mb4`,
        `CREATE TABLE ${schema}.customers (id INT PRIMARY KEY, name VARCHAR(40))`,
        `CREATE TABLE ${schema}.orders (id INT PRIMARY KEY, customer INT NOT NULL, note VARCHAR(40), CONSTRAINT owner FOREIGN KEY (customer) REFERENCES ${schema}.customers (id))`,
        `CREATE VIEW ${schema}.big AS SELECT c.name, o.id FROM ${schema}.customers c JOIN ${schema}.orders o ON o.customer = c.id`,
      ]),
      ...[`${live}.later`, `${copy}.gone`].map((table) => `CREATE TABLE ${table} (id INT PRIMARY KEY)`),
      `INSERT INTO ${live}.customers VALUES (1, 'Anna')`,
      `INSERT INTO ${live}.orders VALUES (1, 1, 'x')`,
      `INSERT INTO ${copy}.customers VALUES (1, 'Anna'), (2, 'Bruno')`,
      `INSERT INTO ${copy}.orders VALUES (1, 1, 'x'), (2, 2, 'y'), (3, 2, 'z')`,
      `INSERT INTO ${copy}.gone VALUES (7)`,
      "SET SESSION sql_mode = 'ANSI_QUOTES'",
      // The header as people type it, and a text that only ANSI_QUOTES reads as a name.
      `CREATE TRIGGER ${live}.stamp BEFORE INSERT ON ${live}.orders FOR EACH ROW SET NEW."note" = CONCAT(COALESCE(NEW.note, ''), '! è')`,
      `CREATE TRIGGER ${live}.stamp2 BEFORE INSERT ON ${live}.orders FOR EACH ROW FOLLOWS stamp SET NEW.note = CONCAT(NEW.note, '2')`,
      "SET SESSION sql_mode = DEFAULT",
      `CREATE TRIGGER ${copy}.stamp BEFORE INSERT ON ${copy}.orders FOR EACH ROW SET NEW.note = 'of the copy'`,
      `CREATE TRIGGER ${copy}.only_copy BEFORE INSERT ON ${copy}.customers FOR EACH ROW SET NEW.name = UPPER(NEW.name)`,
    );
  });
  afterEach(async () => {
    await sql("UNLOCK TABLES", "SET SESSION foreign_key_checks = 0");
    for (const schema of (await schemas()).split(",")) await sql(`DROP DATABASE \`${schema}\``);
    await sql("SET SESSION foreign_key_checks = 1");
    for (const record of listRecords(scene.host.folders)) writeRecord(scene.host.folders, { ...record, state: "dropped" });
  });
  afterAll(async () => {
    await Promise.all([connection?.end(), scene?.close()]).finally(() => server?.stop());
  });

  it("tells what will happen, exchanges, and goes back again", async () => {
    const before = await picture();
    const plan = await planned(order());
    expect(await picture()).toEqual(before);
    expect(plan.tables.map(({ table, live: here, restored, change }) => [table, here, restored, change])).toEqual([["customers", 1, 2, "same-structure"], ["gone", null, 1, "comes"], ["later", 0, null, "stays"], ["orders", 1, 3, "same-structure"]]);
    expect([plan.way, plan.typedName]).toEqual([flavor === "mysql" ? "held" : "brief", live]);
    expect(plan.warnings.map(({ code }) => code)).toEqual(flavor === "mysql" ? [] : ["SWAP_WITHOUT_TRIGGERS"]);
    expect(plan.commands.filter((command) => command.startsWith("RENAME"))).toHaveLength(1);
    expect((await run(plan, copy)).fault?.code).toBe("TYPED_NAME_WRONG");
    expect((await run({ ...plan, expiresAt: new Date(0).toISOString() })).fault?.code).toBe("PLAN_EXPIRED");
    await sql(`INSERT INTO ${live}.customers VALUES (9, 'since')`);
    const end = await run(plan);
    expect(end.fault).toBeUndefined();
    expect(JSON.stringify(end.events)).toContain(`${live}.customers: +1 rows since the plan`);
    const { kept = "" } = end.value?.moves[0] ?? {};
    expect(await value(`SELECT GROUP_CONCAT(id ORDER BY id) FROM ${live}.big`)).toBe("1,2,3");
    expect(await value(`SELECT GROUP_CONCAT(name ORDER BY id) FROM ${kept}.customers`)).toBe("Anna,since");
    expect([await value(`SELECT COUNT(*) FROM ${live}.gone`), await value(`SELECT COUNT(*) FROM ${live}.later`)]).toEqual(["1", "0"]);
    // Triggers of use, as they were, on the tables that came; what only the copy had came too; none on what is kept.
    expect(await triggers(live)).toBe("only_copy customers,stamp orders,stamp2 orders");
    expect([await triggers(kept), await triggers(copy)]).toEqual(["null", "null"]);
    await sql(`INSERT INTO ${live}.orders VALUES (4, 2, 'new')`, `INSERT INTO ${live}.customers VALUES (3, 'carla')`);
    expect(await value(`SELECT note FROM ${live}.orders WHERE id = 4`)).toBe("new! è2");
    expect(await value(`SELECT name FROM ${live}.customers WHERE id = 3`)).toBe("CARLA");
    await expect(connection.query(`INSERT INTO ${live}.orders VALUES (5, 99, '')`)).rejects.toMatchObject({ errno: 1452 });
    await expect(connection.query(`DELETE FROM ${kept}.customers WHERE id = 1`)).rejects.toMatchObject({ errno: 1451 });

    const back = await planned(undo(end.runId));
    const undone = await run(back);
    expect(undone.fault).toBeUndefined();
    await sql(`DELETE FROM ${live}.customers WHERE id = 9`, `DELETE FROM ${copy}.orders WHERE id = 4`, `DELETE FROM ${copy}.customers WHERE id = 3`);
    expect(await picture()).toEqual(before);
    expect([readRecord(scene.host.folders, end.runId).state, readRecord(scene.host.folders, undone.runId).state]).toEqual(["undone", "swapped"]);
    expect(await planSwap(scene.host, undo(end.runId))).toMatchObject({ ok: false, faults: [{ code: "SWAP_CLOSED" }] });
  });

  it("drops what it replaced only when told, with its name, and then cannot go back", async () => {
    const end = await run(await planned(order({ moveRest: true })));
    const { kept = "" } = end.value?.moves[0] ?? {};
    expect(await value(`SELECT COUNT(*) FROM ${kept}.later`)).toBe("0");
    await expect(dropKept(scene.host, end.runId, live)).rejects.toMatchObject({ code: "TYPED_NAME_WRONG", params: { expected: kept } });
    await sql(`CREATE TABLE ${kept}.of_somebody (id INT)`);
    await expect(dropKept(scene.host, end.runId, kept)).rejects.toMatchObject({ code: "TARGET_NOT_EMPTY" });
    await sql(`DROP TABLE ${kept}.of_somebody`);
    expect(await dropKept(scene.host, end.runId, kept)).toEqual([kept]);
    expect(await schemas()).toBe([live, copy].join(","));
    expect(await planSwap(scene.host, undo(end.runId))).toMatchObject({ ok: false, faults: [{ code: "SWAP_CLOSED" }] });
  });

  it("brings back a schema that is gone from use altogether, and goes back to that", async () => {
    await sql(`DROP DATABASE ${live}`);
    const before = await picture();
    const end = await run(await planned(order()));
    expect(end.fault).toBeUndefined();
    expect([await value(`SELECT COUNT(*) FROM ${live}.orders`), await triggers(live)]).toEqual(["3", "only_copy customers,stamp orders"]);
    expect((await run(await planned(undo(end.runId)))).fault).toBeUndefined();
    expect(await picture()).toEqual(before);
  });

  it("refuses what would tie live tables to kept ones, what has no place, and a plan that no longer fits", async () => {
    const refused = async (more: Parameters<typeof order>[0] = {}): Promise<string | undefined> => {
      const result = await planSwap(scene.host, order(more));
      return result.ok ? undefined : result.faults[0]?.code;
    };
    const plan = await planned(order());
    await sql(`ALTER TABLE ${live}.later ADD customer INT, ADD CONSTRAINT into_customers FOREIGN KEY (customer) REFERENCES ${live}.customers (id)`);
    expect(await refused()).toBe("TARGET_REFERENCED");
    expect(await refused({ moveRest: true })).toBeUndefined();
    expect((await run(plan)).fault?.code).toBe("TARGET_REFERENCED");
    await sql(`DROP TABLE ${live}.later`, `ALTER TABLE ${live}.orders ADD more INT`);
    expect((await run(plan)).fault?.code).toBe("PLAN_CHANGED");
    expect((await planned(order())).warnings.map(({ code }) => code)).toContain("SWAP_TABLES_DIFFER");
    await sql(`CREATE VIEW ${live}.gone AS SELECT 1 AS id`);
    expect(await refused()).toBe("SWAP_CLASH");
    expect(await refused({ pairs: { [live]: `${live}_none` } })).toBe("SWAP_SCHEMA_MISSING");
    expect(await refused({ pairs: { [live]: live.toUpperCase() } })).toBe("INPUT_INVALID");
  });

  it("gives up in time when a program holds a table, names it, and leaves everything as it was", async () => {
    const before = await picture();
    await sql("BEGIN", `SELECT * FROM ${live}.orders FOR UPDATE`);
    const plan = await planned(order({ lockWaitSeconds: 1 }));
    const id = await value("SELECT CONNECTION_ID()");
    expect(plan.holders.map((holder) => holder.id)).toContain(id);
    const end = await run(plan);
    expect(end.fault).toMatchObject({ code: "SWAP_BLOCKED", retryable: true, params: { account: expect.stringContaining(`${id} (`) } });
    await sql("ROLLBACK");
    expect(await picture()).toEqual(before);
    expect(listRecords(scene.host.folders)[0]?.state).toBe("taken-back");
  });

  it("takes itself back when a trigger or a view of today does not fit the tables of then", async () => {
    await sql(`ALTER TABLE ${copy}.orders DROP COLUMN note, ADD other INT`, `DROP TRIGGER ${copy}.stamp`);
    const before = await picture();
    expect((await run(await planned(order()))).fault).toMatchObject({ code: "SWAP_REFUSED", params: { message: expect.stringContaining("1054") } });
    expect(await picture()).toEqual(before);
    await sql(`DROP TRIGGER ${live}.stamp2`, `DROP TRIGGER ${live}.stamp`, `CREATE VIEW ${live}.notes AS SELECT note FROM ${live}.orders`);
    const then = await picture();
    expect((await run(await planned(order()))).fault).toMatchObject({ code: "VERIFICATION_FAILED", params: { difference: expect.stringContaining(`view ${live}.notes`) } });
    expect(await picture()).toEqual(then);
  });

  /** What a killed worker leaves after each of its statements, one after the other. */
  it("is ended by its record, whichever statement was its last", async () => {
    const before = await picture();
    const wanted = requestOf(scene.host, order());
    const draft: SwapDraft = await draftSwap(scene.host, wanted);
    const record: SwapRecord = { v: 1, runId: "20260101T000000Z-abcdef", at: new Date().toISOString(), request: wanted, serverUuid: draft.server.uuid, way: draft.way, state: "began", moves: [...draft.moves], created: wanted.pairs.map(({ kept }) => kept), before: [...draft.before], after: [...draft.after] };
    const steps = [
      () => createSchemas(connection, draft, record.created),
      ...draft.before.map((trigger) => () => dropTriggers(connection, [trigger])),
      () => sql("SET SESSION foreign_key_checks = 0", renameStatement(movesOf(draft.moves)), "SET SESSION foreign_key_checks = 1"),
      ...draft.after.map((trigger) => () => makeTriggers(connection, [trigger])),
    ];
    const renamed = 1 + draft.before.length;
    for (let last = 0; last <= steps.length; last += 1) {
      writeRecord(scene.host.folders, record);
      for (const step of steps.slice(0, last)) await step();
      if (last === 1) expect(await planSwap(scene.host, order())).toMatchObject({ ok: false, faults: [{ code: "SWAP_UNFINISHED" }] });
      const state = await recoverSwap(scene.host, record.runId);
      expect(`${last}: ${state}`).toBe(`${last}: ${last > renamed ? "swapped" : "taken-back"}`);
      await expect(recoverSwap(scene.host, record.runId)).rejects.toMatchObject({ code: "SWAP_CLOSED" });
      if (state === "swapped") {
        expect(await triggers(live)).toBe("only_copy customers,stamp orders,stamp2 orders");
        expect(await value(`SELECT COUNT(*) FROM ${live}.orders`)).toBe("3");
        await takeBack(draft.access, record, () => undefined);
      }
      expect(await picture()).toEqual(before);
    }
    writeRecord(scene.host.folders, { ...record, back: true });
    for (const step of steps) await step();
    expect(await recoverSwap(scene.host, record.runId)).toBe("taken-back");
    expect(await picture()).toEqual(before);
  });

  it("killed while it waits for a table: nothing goes on by itself, and its record brings everything back", async () => {
    const before = await picture();
    const salvagente = commandLine(scene);
    const file = join(scene.folder, "swap.json");
    expect((await salvagente("swap", "plan", "db", "--with", `${live}=${copy}`, "--lock-wait", "60", "-o", file).end).code).toBe(0);
    await sql(`LOCK TABLES ${live}.orders READ`);
    const command = salvagente("swap", "run", file, "--confirm", live);
    await until("it waits", async () => (await value(`SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for table metadata%' AND INFO LIKE '%${live}%' AND ID <> CONNECTION_ID()`)) === "1", 60_000);
    process.kill(command.pid, "SIGKILL");
    expect((await command.end).signal).toBe("SIGKILL");
    const [record] = listRecords(scene.host.folders);
    expect(record?.state).toBe("began");
    const recovering = salvagente("swap", "recover", record?.runId ?? "");
    await until("its connection is ended", async () => (await value(`SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for table metadata%' AND (INFO LIKE 'LOCK TABLES%${live}%' OR INFO LIKE 'DROP TRIGGER%${live}%stamp\`')`)) === "0", 60_000);
    await sql("UNLOCK TABLES");
    expect(await recovering.end).toMatchObject({ code: 0, stdout: expect.stringContaining('"taken-back"') });
    expect(await picture()).toEqual(before);
  });
});
