import type { Connection, RowDataPacket } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PlanResult, RestoreTarget } from "#lib/contract/recovery/restore.ts";
import { Secret } from "#lib/platform/secret.ts";
import { seedDemo } from "#scripts/demo/seed.ts";
import { type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { backupFull } from "#worker/pipelines/backup/index.ts";
import { type LiveHost, makeLiveHost } from "#worker/testing/live-host.ts";
import { planRestore, runRestore } from "./index.ts";

/** Schemas whose objects name each other, under new names beside themselves: what cannot stand there is told before, not met by the load. */
describe.each(["mysql", "mariadb"] as const)("restored beside, on %s", (flavor) => {
  let server: RunningMysql;
  let live: LiveHost;
  let connection: Connection;
  let setId = "";

  const sql = async (...statements: string[]): Promise<void> => {
    for (const statement of statements) await connection.query(statement);
  };
  const list = async (statement: string): Promise<string[]> => {
    const [rows] = await connection.query<RowDataPacket[]>({ sql: statement, rowsAsArray: true });
    return rows.map((row) => String((row as unknown as unknown[])[0]));
  };
  const plan = (names: Record<string, string>, leaveOutReferencing: boolean): Promise<PlanResult> =>
    planRestore(live.host, { server: "db", setId, scope: { kind: "schemas", schemas: Object.keys(names) }, target: { kind: "beside", server: "db", names, leaveOutReferencing } satisfies RestoreTarget });
  const restored = async (names: Record<string, string>, leaveOut: boolean) => {
    const result = await plan(names, leaveOut);
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    const run = await live.run((context) => runRestore(context, live.host, result.plan));
    expect(run.fault).toBeUndefined();
    return result.plan;
  };
  const texts = (faults: readonly { code: string; params: Record<string, string | number> }[]): Record<string, string> =>
    Object.fromEntries(faults.map(({ code, params }) => [code, String(params.objects ?? params.references)]));
  const objects = (schema: string) => list(`SELECT v FROM (SELECT TABLE_NAME AS v FROM information_schema.VIEWS WHERE TABLE_SCHEMA = '${schema}' UNION ALL SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '${schema}'
    UNION ALL SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '${schema}' UNION ALL SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '${schema}') o ORDER BY v`);

  beforeAll(async () => {
    server = await startMysql({ flavor });
    connection = await connect({ name: "db", socket: server.socket, user: server.user, password: new Secret(server.password) });
    await sql("SET GLOBAL log_bin_trust_function_creators = 1");
    await seedDemo({ connection: { socketPath: server.socket, user: server.user, password: server.password }, flavor, megabytes: 2 });
    await sql(...NESTED, ...(flavor === "mariadb" ? COUNTED : []));
    live = await makeLiveHost({ server });
    const backup = await live.run((context) => backupFull(context, live.host, "all"));
    expect(backup.fault).toBeUndefined();
    setId = backup.value?.manifest.id ?? "";
  });
  afterAll(async () => {
    connection?.destroy();
    await live?.close();
    await server?.stop();
  });

  const DEMO = { gestionelogistica: "gl_copy", gestionelogistica_archivio: "gl_copy_archivio" };

  it("the demo's schemas: refused with every reason, and with the grant that helps", async () => {
    const refused = await plan(DEMO, false);
    expect(refused.ok).toBe(false);
    if (refused.ok) return;
    const faults = Object.groupBy(refused.faults, ({ code }) => code);
    expect(Object.keys(faults).sort()).toEqual(["DEFINER_LACKS_RIGHTS", "RENAME_REFUSED"]);
    const named = refused.faults.filter(({ code }) => code === "RENAME_REFUSED").map(({ params }) => String(params.references)).join(", ");
    for (const name of ["procedure archivia_viaggi", "view v_viaggi_tutti", "view v_km_deposito", "event ev_archivio_annuale"]) expect(named).toContain(name);
    expect(faults.DEFINER_LACKS_RIGHTS?.[0]?.params).toMatchObject({ objects: "view v_consegne_aperte, view v_consegne_in_ritardo", grant: "GRANT SELECT ON `gl\\_copy`.* TO 'gl_definer'@'localhost';" });
  });

  it("the demo's schemas, left out what cannot stand there: loaded, verified, listed", async () => {
    const made = await restored(DEMO, true);
    const warnings = texts(made.warnings);
    expect(warnings.LEFT_OUT_DEFINER).toBe("view v_consegne_aperte, view v_consegne_in_ritardo");
    expect(warnings.DEFINER_LACKS_RIGHTS_LATER).toBe("function prezzo_consegna");
    expect((await objects("gl_copy")).filter((name) => name.startsWith("v_"))).toEqual(["v_fatturato_cliente", "v_tariffe_base"]);
    expect(await objects("gl_copy")).not.toContain("archivia_viaggi");
    expect(await objects("gl_copy")).toEqual(expect.arrayContaining(["assegna_consegna", "chiudi_viaggio", "distanza_km", "prezzo_consegna", "tr_delivery_stato", "ev_sessioni_scadute"]));
    expect(await objects("gl_copy_archivio")).toEqual([]);
    expect(await list("SELECT COUNT(*) FROM gl_copy.delivery")).toEqual(await list("SELECT COUNT(*) FROM gestionelogistica.delivery"));
    await sql("DROP DATABASE gl_copy_archivio", "DROP DATABASE gl_copy");
  });

  it("with the grant, the views are there and can be read; a plan made before it no longer holds", async () => {
    const before = await plan(DEMO, true);
    await sql("GRANT SELECT, EXECUTE ON `gl\\_copy`.* TO 'gl_definer'@'localhost'");
    if (!before.ok) throw new Error(JSON.stringify(before.faults));
    expect((await live.run((context) => runRestore(context, live.host, before.plan))).fault?.code).toBe("PLAN_CHANGED");
    const made = await restored(DEMO, true);
    expect(Object.keys(texts(made.warnings))).not.toContain("LEFT_OUT_DEFINER");
    expect(await list("SELECT COUNT(*) FROM gl_copy.v_consegne_in_ritardo")).toEqual(await list("SELECT COUNT(*) FROM gestionelogistica.v_consegne_in_ritardo"));
    await sql("DROP DATABASE gl_copy_archivio", "DROP DATABASE gl_copy");
  });

  it("a deep chain through views, functions, procedures, triggers and events goes out whole, its neighbours stay", async () => {
    const refused = await plan({ "ne`st": "nest copy" }, false);
    if (refused.ok) throw new Error("planned");
    expect(refused.faults.map(({ code }) => code).sort()).toEqual(["DEFINER_LACKS_RIGHTS", "RENAME_REFUSED"]);
    expect(refused.faults.map(({ detail }) => detail ?? "").join("\n")).toContain("trigger follows_tr ← procedure calls_lost");

    await restored({ "ne`st": "nest copy" }, true);
    expect(await objects("nest copy")).toEqual(["calm", "checked fine", "fine", "fine_over", "own_header", "reads_fine"].sort());
    // The copy's trigger works on the copy alone.
    await sql("INSERT INTO `nest copy`.t VALUES (9, 'copy')");
    expect(await list("SELECT v FROM `nest copy`.log")).toEqual(["copy"]);
    expect(await list("SELECT COUNT(*) FROM `ne``st`.log")).toEqual(["0"]);
    await sql("DROP DATABASE `nest copy`");
  });

  it("foreign keys between restored schemas stay among the copies; one into the original is told", async () => {
    await restored({ keyed: "keyed_copy", keyed_b: "keyed_b_copy" }, false);
    expect(await list("SELECT REFERENCED_TABLE_SCHEMA FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = 'keyed_b_copy' AND REFERENCED_TABLE_NAME IS NOT NULL")).toEqual(["keyed_copy"]);
    await sql("DROP DATABASE keyed_b_copy", "DROP DATABASE keyed_copy");
    const alone = await plan({ keyed_b: "keyed_b_copy" }, false);
    if (!alone.ok) throw new Error(JSON.stringify(alone.faults));
    expect(texts(alone.plan.warnings).COPY_HOLDS_ORIGINAL).toBe("child");
  });

  it.runIf(flavor === "mariadb")("a table whose default comes out of a sequence under the old name: never left out", async () => {
    expect(await plan({ counted: "counted_copy" }, true)).toMatchObject({ ok: false, faults: [{ code: "RENAME_REFUSED_TABLES", params: { objects: "table numbered" } }] });
  });

  it("a view of a schema that is not restored reads it where it stands, and is left out where it is not", async () => {
    await restored({ reader: "reader_copy" }, true);
    expect(await list("SELECT * FROM reader_copy.of_keyed")).toEqual(["1"]);
    await sql("DROP DATABASE reader_copy", "CREATE DATABASE keep_keyed", "RENAME TABLE keyed_b.child TO keep_keyed.child, keyed.parent TO keep_keyed.parent", "DROP DATABASE keyed");
    const absent = await plan({ reader: "reader_copy" }, false);
    expect(absent).toMatchObject({ ok: false, faults: [{ code: "RENAME_SCHEMA_ABSENT", params: { schema: "keyed", objects: "view of_keyed" } }] });
    await restored({ reader: "reader_copy" }, true);
    expect(await objects("reader_copy")).toEqual([]);
  });
});

/** One lost view at the bottom, one lost definer beside it, chains above both, and neighbours that look alike and stay. */
const NESTED = [
  "CREATE DATABASE `ne``st` CHARACTER SET utf8mb4", "USE `ne``st`",
  "CREATE USER narrow@localhost", "GRANT SELECT, EXECUTE ON `ne``st`.* TO narrow@localhost",
  "CREATE TABLE t (id INT PRIMARY KEY, lost VARCHAR(20))", "CREATE TABLE log (v VARCHAR(20))", "INSERT INTO t VALUES (1, 'a')",
  "CREATE VIEW `z lost` AS SELECT id FROM t", "CREATE VIEW fine AS SELECT t.lost AS lost FROM t",
  "CREATE DEFINER=narrow@localhost SQL SECURITY DEFINER VIEW narrow_view AS SELECT id FROM t", "CREATE VIEW `a over narrow` AS SELECT n.id FROM (SELECT id FROM narrow_view) n", "CREATE VIEW `checked narrow` AS SELECT id FROM narrow_view WITH CASCADED CHECK OPTION", "CREATE VIEW `checked fine` AS SELECT id FROM t WHERE id < 99 WITH CASCADED CHECK OPTION",
  "CREATE PROCEDURE dynamic() BEGIN SET @s = CONCAT('DELETE FROM `ne``st`', '.t'); PREPARE x FROM @s; EXECUTE x; END",
  // `z lost` is lost because it calls a function whose body names the old schema.
  "CREATE FUNCTION names_old() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM `ne``st`.t)",
  "CREATE OR REPLACE VIEW `z lost` AS SELECT id FROM t WHERE id <> names_old()",
  "CREATE VIEW `b over lost` AS SELECT id FROM `z lost`", "CREATE VIEW `c over that` AS SELECT x.id FROM t JOIN `b over lost` x ON x.id = t.id",
  "CREATE FUNCTION counts_lost() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM `c over that`)",
  "CREATE PROCEDURE calls_lost() BEGIN SET @n = counts_lost(); END",
  "CREATE TRIGGER follows_tr AFTER DELETE ON t FOR EACH ROW CALL calls_lost()", "CREATE EVENT follows_ev ON SCHEDULE EVERY 1 YEAR STARTS '2036-01-01 00:00:00' DO CALL calls_lost",
  "CREATE VIEW fine_over AS SELECT lost FROM fine", "CREATE PROCEDURE calm() BEGIN SELECT 'z lost', 'ne`st.t' FROM t; END", "CREATE FUNCTION reads_fine() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM fine_over)",
  "CREATE TRIGGER `ne``st`.own_header BEFORE INSERT ON `ne``st`.t FOR EACH ROW INSERT INTO log VALUES (NEW.lost)",
  "CREATE DATABASE keyed", "CREATE DATABASE keyed_b", "CREATE TABLE keyed.parent (id INT PRIMARY KEY)", "INSERT INTO keyed.parent VALUES (1)",
  "CREATE TABLE keyed_b.child (id INT PRIMARY KEY, CONSTRAINT far FOREIGN KEY (id) REFERENCES keyed.parent (id))",
  "CREATE DATABASE reader", "CREATE VIEW reader.of_keyed AS SELECT id FROM keyed.parent",
];

const COUNTED = ["CREATE DATABASE counted", "CREATE SEQUENCE counted.numbers", "CREATE TABLE counted.numbered (id INT PRIMARY KEY DEFAULT (NEXT VALUE FOR counted.numbers))"];
