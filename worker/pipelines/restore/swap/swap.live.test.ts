import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SwapRecord } from "#lib/contract/recovery/swap.ts";
import { movesOf } from "#lib/domain/recovery/swap-standing.ts";
import { journalIds } from "#worker/host/event-shipper.ts";
import { journalPath, readJournal } from "#worker/host/journal.ts";
import { commandLine, writeWorkerYaml } from "#worker/testing/command-line.ts";
import type { LiveHost } from "#worker/testing/live-host.ts";
import { until } from "#worker/testing/processes.ts";
import { makeSwapScene, type SwapScene } from "#worker/testing/swap-scene.ts";
import { draftSwap, type SwapDraft } from "./draft-swap.ts";
import { dropKept } from "./drop-kept.ts";
import { planSwap, requestOf } from "./plan-swap.ts";
import { listRecords, readRecord, writeRecord } from "./swap-record.ts";
import { createSchemas } from "./swap-schemas.ts";
import { renameStatement } from "./swap-statements.ts";
import { dropTriggers, makeTriggers } from "./swap-triggers.ts";
import { recoverSwap, takeBack } from "./take-back.ts";

describe.each(["mysql", "mariadb"] as const)("a swap on %s", { timeout: 120_000 }, (flavor) => {
  const [live, copy] = ["swap", "swap_copy"];
  let scene: SwapScene;
  const sql: SwapScene["sql"] = (...statements) => scene.sql(...statements);
  const value: SwapScene["value"] = (statement) => scene.value(statement);
  const triggers: SwapScene["triggers"] = (schema) => scene.triggers(schema);
  const planned: SwapScene["planned"] = (wanted) => scene.planned(wanted);
  const run: SwapScene["run"] = (plan, typed) => scene.run(plan, typed);
  const order: SwapScene["order"] = (more) => scene.order(more);
  const undo: SwapScene["undo"] = (runId) => scene.undo(runId);
  const [picture, schemas] = [() => scene.picture(), () => scene.schemas()];

  beforeAll(async () => {
    scene = await makeSwapScene(flavor);
  }, 60_000);
  beforeEach(() => scene.fill());
  afterEach(() => scene.empty());
  afterAll(() => scene?.close());

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
    await expect(scene.connection.query(`INSERT INTO ${live}.orders VALUES (5, 99, '')`)).rejects.toMatchObject({ errno: 1452 });
    await expect(scene.connection.query(`DELETE FROM ${kept}.customers WHERE id = 1`)).rejects.toMatchObject({ errno: 1451 });

    // What it would bring back lacks what was written since, an update too, which shows in no count; what was written before stands where it stood then.
    await sql(`UPDATE ${live}.customers SET name = 'Bea' WHERE id = 2`);
    await scene.archive();
    const back = await planned(undo(end.runId));
    expect(back.since?.map(({ schema, tables, unread }) => ({ schema, unread, tables: tables.map(({ table, inserted, updated, deleted }) => [table, inserted, updated, deleted]).sort() }))).toEqual([{ schema: live, unread: { files: 0, transactions: 0 }, tables: [["customers", 1, 1, 0], ["orders", 1, 0, 0]] }]);
    const undone = await run(back);
    expect(undone.fault).toBeUndefined();
    expect(JSON.stringify(undone.events)).toContain(`${live}.customers: +1 ~1 -0 rows in 2 archived transactions since the swap`);
    await sql(`DELETE FROM ${live}.customers WHERE id = 9`, `DELETE FROM ${copy}.orders WHERE id = 4`, `DELETE FROM ${copy}.customers WHERE id = 3`);
    expect(await value(`SELECT name FROM ${copy}.customers WHERE id = 2`)).toBe("Bea");
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

  it("takes itself back when one of the server's own checks fails on the tables that came, and stays when all pass", async () => {
    const [server] = scene.host.settings.servers;
    const check = (name: string, expect: string, schema = live) => ({ name, schema, sql: "SELECT COUNT(*) FROM orders", expect });
    server?.assertions.push(check("as many as then", "3"), check("more than today", "> 3"), check("of another", "0", "elsewhere"));
    const before = await picture();
    const plan = await planned(order());
    expect(plan.checks).toEqual(["as many as then", "more than today"]);
    const refused = await run(plan);
    expect(refused.fault).toMatchObject({ code: "SWAP_CHECK_FAILED", params: { assertion: "more than today", expected: "> 3", found: "3" } });
    expect(await picture()).toEqual(before);
    expect(listRecords(scene.host.folders).find(({ runId }) => runId === refused.runId)?.state).toBe("taken-back");
    server?.assertions.splice(1, 1);
    // What is checked is part of what was agreed.
    expect((await run(plan)).fault?.code).toBe("PLAN_CHANGED");
    const end = await run(await planned(order()));
    expect(end.fault).toBeUndefined();
    expect(JSON.stringify(end.events)).toContain("own checks passed: as many as then");
    server?.assertions.splice(0, 2, { ...check("none of these", "never"), schema: live });
    const back = await planned(undo(end.runId));
    expect(back.checks).toEqual([]);
    expect((await run(back)).fault).toBeUndefined();
    expect((await run(await planned(order({ ownChecks: false })))).fault).toBeUndefined();
    server?.assertions.splice(0);
  });

  /** What a killed worker leaves after each of its statements, one after the other. */
  it("is ended by its record, whichever statement was its last", async () => {
    const before = await picture();
    const wanted = requestOf(scene.host, order());
    const draft: SwapDraft = await draftSwap(scene.host, wanted);
    const record: SwapRecord = { v: 1, runId: "20260101T000000Z-abcdef", at: new Date().toISOString(), request: wanted, serverUuid: draft.server.uuid, way: draft.way, state: "began", moves: [...draft.moves], created: wanted.pairs.map(({ kept }) => kept), before: [...draft.before], after: [...draft.after] };
    const steps = [
      () => createSchemas(scene.connection, draft, record.created),
      ...draft.before.map((trigger) => () => dropTriggers(scene.connection, [trigger])),
      () => sql("SET SESSION foreign_key_checks = 0", renameStatement(movesOf(draft.moves)), "SET SESSION foreign_key_checks = 1"),
      ...draft.after.map((trigger) => () => makeTriggers(scene.connection, [trigger])),
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

  it("killed while it waits for a table: the next worker ends it by itself, and so does the command", async () => {
    const before = await picture();
    const salvagente = commandLine(scene.liveHost);
    const waiting = (statement: string) => value(`SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for table metadata%' AND INFO LIKE '${statement}' AND ID <> CONNECTION_ID()`);
    const file = join(scene.folder, "swap.json");
    expect((await salvagente("swap", "plan", "db", "--with", `${live}=${copy}`, "--lock-wait", "60", "-o", file).end).code).toBe(0);
    await sql(`LOCK TABLES ${live}.orders READ`);
    const command = salvagente("swap", "run", file, "--confirm", live);
    await until("it waits", async () => (await waiting(`%${live}%`)) === "1", 60_000);
    process.kill(command.pid, "SIGKILL");
    expect((await command.end).signal).toBe("SIGKILL");
    const [record] = listRecords(scene.host.folders);
    expect(record?.state).toBe("began");
    const lost = record?.runId ?? "";
    const recovering = flavor === "mysql" ? startWorker(scene.liveHost) : null;
    const byHand = flavor === "mysql" ? null : salvagente("swap", "recover", lost);
    await until("its connection is ended", async () => (await waiting(`LOCK TABLES%${live}%`)) === "0" && (await waiting(`DROP TRIGGER%${live}%stamp\``)) === "0", 60_000);
    await sql("UNLOCK TABLES");
    if (recovering) {
      await until("the swap is ended", () => readRecord(scene.host.folders, lost).state === "taken-back", 60_000);
      const started = () => journalIds(scene.host.folders.journals).map((id) => readJournal(journalPath(scene.host.folders.journals, id))).find(([first]) => first?.body.type === "run-started" && first.body.cause?.type === "lost-swap");
      await until("its run has ended", () => started()?.at(-1)?.body.type === "run-finished");
      expect(started()?.[0]?.body).toMatchObject({ kind: "swap", trigger: "lost-swap", server: "db", cause: { swap: lost } });
      expect(started()?.at(-1)?.body).toMatchObject({ outcome: "completed", result: { swap: lost, state: "taken-back" } });
      recovering.kill("SIGTERM");
      await new Promise((resolve) => recovering.once("exit", resolve));
    }
    if (byHand) expect(await byHand.end).toMatchObject({ code: 0, stdout: expect.stringContaining('"taken-back"') });
    expect(await salvagente("swap", "recover", lost).end).toMatchObject({ code: 1, stdout: expect.stringContaining("SWAP_CLOSED") });
    expect(await picture()).toEqual(before);
  });
});

/** The worker's own process, without a console. To be ended by who asked for it. */
function startWorker(live: LiveHost): ChildProcess {
  return spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "worker/main.ts", "--config", writeWorkerYaml(live)], { stdio: "ignore", env: { NODE_ENV: "test", PATH: process.env.PATH, LOG_LEVEL: "silent" } });
}
