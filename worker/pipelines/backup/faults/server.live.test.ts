import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { HOSTILE } from "#worker/testing/hostile-settings.ts";
import { type FaultScene, findingCodes, makeScene, type SceneOptions } from "#worker/testing/fault-scene.ts";

const PASSWORDS = ["# \" ' \\ ö", " leading and trailing ", "back`tick;$(id)|&<>%{}[]", "\\n\\t\\\\\"", "日本語🔑", "[client]\\npassword=x", "a=b#c;d"];
const WHOLE = ["SELECT, SHOW VIEW, TRIGGER, EVENT, PROCESS, REPLICATION CLIENT ON *.*"];
const MYSQL = [...WHOLE, "FLUSH_TABLES, BACKUP_ADMIN ON *.*"];

/** Accounts that may too little, servers that are set up otherwise, objects that cannot be read. */
describe("what the server does not give", () => {
  let scene: FaultScene | undefined;
  const open = async (options: SceneOptions): Promise<FaultScene> => {
    await scene?.close();
    scene = undefined;
    scene = await makeScene(options);
    return scene;
  };
  afterAll(() => scene?.close());

  /** The account's rights replaced. */
  const grant = async (here: FaultScene, ...grants: string[]): Promise<void> => {
    await here.sql("REVOKE ALL PRIVILEGES, GRANT OPTION FROM backup@localhost", ...grants.map((text) => `GRANT ${text} TO backup@localhost`));
  };

  it("MySQL: each missing privilege is refused before the dump, or named", async () => {
    const here = await open({ account: { user: "backup", password: "first", grants: MYSQL }, policy: { schemas: ["shop"] } });
    const sound = await here.backup();
    expect(sound.fault).toBeUndefined();
    expect(sound.outcome).toBe("completed");

    await grant(here, "SELECT, SHOW VIEW, TRIGGER, EVENT ON shop.*", "FLUSH_TABLES, BACKUP_ADMIN, PROCESS, REPLICATION CLIENT ON *.*");
    const blind = await here.backup();
    expect(blind.fault?.code).toBe("SERVER_GRANT_MISSING");
    expect(String(blind.fault?.params.grant)).toContain("SHOW_ROUTINE");
    expect(blind.events.some(({ body }) => body.type === "stage-started" && body.stage === "dump")).toBe(false);
    await here.nothingLeft(blind.runId);
    await grant(here, "SELECT, SHOW VIEW, TRIGGER, EVENT ON shop.*", "FLUSH_TABLES, BACKUP_ADMIN, PROCESS, REPLICATION CLIENT, SHOW_ROUTINE ON *.*");
    const unmasked = await here.backup();
    expect(unmasked.fault).toMatchObject({ code: "SERVER_GRANT_MISSING", params: { grant: "SELECT ON performance_schema.*" } });
    await here.sql("GRANT SELECT ON performance_schema.* TO backup@localhost");
    const seeing = await here.backup();
    expect(seeing.fault).toBeUndefined();
    expect(seeing.value?.manifest.inventory.schemas[0]?.functions.map(({ name }) => name)).toEqual(["twice"]);

    await grant(here, ...WHOLE, "BACKUP_ADMIN ON *.*");
    const unflushed = await here.backup();
    expect(unflushed.fault).toMatchObject({ code: "SERVER_GRANT_MISSING", params: { grant: "FLUSH_TABLES" } });

    await grant(here, ...WHOLE, "FLUSH_TABLES ON *.*");
    const unlocked = await here.backup();
    expect(unlocked.outcome).toBe("warning");
    expect(unlocked.events.some(({ body }) => body.type === "finding" && body.fault.code === "SERVER_GRANT_MISSING" && body.fault.params.grant === "BACKUP_ADMIN")).toBe(true);

    for (const missing of ["SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "REPLICATION CLIENT"]) {
      await grant(here, ...MYSQL);
      await here.sql(`REVOKE ${missing} ON *.* FROM backup@localhost`);
      const run = await here.backup();
      expect(run.fault, missing).toMatchObject({ code: "SERVER_GRANT_MISSING" });
      expect(String(run.fault?.params.grant)).toContain(missing);
    }
  });

  it("without BACKUP_ADMIN a structure change during the dump is found: DDL_DURING_DUMP", async () => {
    const here = scene ?? (await open({ account: { user: "backup", password: "first", grants: MYSQL }, policy: { schemas: ["shop"] } }));
    await grant(here, ...WHOLE, "FLUSH_TABLES ON *.*");
    for (const [statement, back] of [
      ["RENAME TABLE shop.orders TO shop.ordered", "RENAME TABLE shop.ordered TO shop.orders"],
      ["CREATE TABLE shop.fresh (id INT)", "DROP TABLE shop.fresh"],
      ["ALTER TABLE shop.customers RENAME COLUMN name TO label", "ALTER TABLE shop.customers RENAME COLUMN label TO name"],
    ] as const) {
      let changed = false;
      const run = await here.backup({
        onEvent({ body }) {
          if (changed || body.type !== "log" || !body.text.startsWith("snapshot at")) return;
          here.now(`SET SESSION lock_wait_timeout = 15; ${statement}`);
          changed = true;
        },
      });
      expect(changed, statement).toBe(true);
      expect(run.fault?.code, statement).toBe("DDL_DURING_DUMP");
      await here.sql(back);
      await here.nothingLeft(run.runId);
    }
  });

  it("wrong password, and the account gone: refused at the door", async () => {
    const here = scene ?? (await open({ account: { user: "backup", password: "first", grants: MYSQL } }));
    await here.sql("ALTER USER backup@localhost IDENTIFIED BY 'another'");
    const run = await here.backup();
    expect(run.fault).toMatchObject({ code: "SERVER_ACCESS_DENIED", params: { server: "db" } });
    expect(JSON.stringify(run.events)).not.toContain("first");
    await here.sql("DROP USER backup@localhost");
    expect((await here.backup()).fault?.code).toBe("SERVER_ACCESS_DENIED");
  });

  it.each(["mysql", "mariadb"] as const)("passwords of any character: %s", async (flavor) => {
    for (const [at, password] of PASSWORDS.entries()) {
      const grants = flavor === "mysql" ? MYSQL : ["SELECT, SHOW VIEW, TRIGGER, EVENT, PROCESS, RELOAD, BINLOG MONITOR ON *.*"];
      if (at === 0) await open({ flavor, account: { user: "backup", password, grants }, policy: { schemas: ["shop"], parallel: 1 } });
      const here = scene as FaultScene;
      await here.connection.query("ALTER USER backup@localhost IDENTIFIED BY ?", [password]);
      writeFileSync(join(here.live.folder, "password"), password);
      const run = await here.backup();
      expect(run.fault, JSON.stringify(password)).toBeUndefined();
      expect(JSON.stringify(run.events)).not.toContain(JSON.stringify(password).slice(1, -1));
    }
  });

  it.each([
    ["GTIDs off", "mysql", ["--gtid-mode=OFF", "--enforce-gtid-consistency=OFF"], "SERVER_GTID_OFF"],
    ["no binary log", "mysql", ["--gtid-mode=OFF", "--enforce-gtid-consistency=OFF", "--skip-log-bin"], "SERVER_BINLOG_OFF"],
    ["no binary log", "mariadb", ["--skip-log-bin"], "SERVER_BINLOG_OFF"],
  ] as const)("%s on %s, and settings that end what is read: every row all the same, and a finding", async (_what, flavor, serverOptions, code) => {
    const here = await open({ flavor, serverOptions: [...serverOptions], policy: { parallel: 2 } });
    // MariaDB's dump program cannot be told to read more than others may.
    const settings = HOSTILE[flavor].filter((setting) => flavor === "mysql" || !/^(?:sql_select_limit|max_join_size)/.test(setting));
    await here.sql(...settings.map((setting) => `SET GLOBAL ${setting}`));
    const run = await here.backup();
    expect(run.fault).toBeUndefined();
    expect(findingCodes(run)).toContain(code);
    expect(run.value?.manifest.coordinate === null).toBe(code === "SERVER_BINLOG_OFF");
    expect(run.value?.manifest.coordinate?.gtidSet ?? null).toBeNull();
    expect(run.value?.summary.rows).toBe(100);
    const verified = await here.verify(run.value?.manifest.id ?? "");
    expect(verified.fault).toBeUndefined();
    expect(verified.value?.verification).toMatchObject({ level: "proven" });
    expect(findingCodes(run).includes("SERVER_SELECT_LIMITED")).toBe(flavor === "mysql");
    if (flavor === "mysql") return;
    await here.sql("SET GLOBAL sql_select_limit = 2");
    expect((await here.backup()).fault).toMatchObject({ code: "SERVER_SELECT_LIMITED", params: { server: "db", value: "sql_select_limit = 2" } });
  });

  it("a view on a dropped table, what a dump rounds, what a replay stumbles over, a redo log that a load left off: named, all the rest backed up and proven", async () => {
    const here = await open({ policy: { parallel: 2 } });
    await here.sql(
      "CREATE TABLE shop.measures (id INT PRIMARY KEY, ratio FLOAT, document JSON)",
      "INSERT INTO shop.measures VALUES (1, 0.1, '{\"a\": 1.5}')",
      "CREATE TABLE shop.keyless (id INT NOT NULL)",
      "CREATE TABLE shop.unfound (ratio FLOAT)",
      "INSERT INTO shop.keyless VALUES (1), (2)",
      "ALTER INSTANCE DISABLE INNODB REDO_LOG",
    );
    await here.sql("CREATE TABLE shop.short_lived (id INT)", "CREATE VIEW shop.dangling AS SELECT id FROM shop.short_lived", "DROP TABLE shop.short_lived");
    await here.sql("CREATE TABLE shop.made_up (one INT AS (1) VIRTUAL, two INT AS (2) STORED)", "INSERT INTO shop.made_up () VALUES (), ()");
    expect((await here.backup()).fault).toMatchObject({ code: "SERVER_ONLY_GENERATED", params: { count: 1, tables: "shop.made_up" } });
    // Without rows there is nothing that could be written wrongly.
    await here.sql("DELETE FROM shop.made_up");
    const policies = here.live.host.settings.policies.map((policy) => ({ ...policy, schemas: ["shop", "gone"] }));
    const absent = await here.backup({ host: { ...here.live.host, settings: { ...here.live.host.settings, policies } } });
    expect(absent.fault).toMatchObject({ code: "SERVER_OBJECTS_HIDDEN", params: { kind: "schema", schema: "gone" } });
    const run = await here.backup();
    expect(run.outcome).toBe("warning");
    expect(run.events.some(({ body }) => body.type === "finding" && body.fault.code === "SERVER_VIEW_BROKEN" && JSON.stringify(body.fault.params).includes("dangling"))).toBe(true);
    await here.sql("ALTER INSTANCE ENABLE INNODB REDO_LOG");
    const named = new Map(run.events.flatMap(({ body }) => (body.type === "finding" ? [[body.fault.code, Object.values(body.fault.params).join(" ")] as const] : [])));
    expect(["SERVER_LOSSY_COLUMNS", "SERVER_JSON_COLUMNS", "SERVER_EVENTS_RUN", "SERVER_REDO_OFF"].map((code) => named.get(code))).toEqual(["2 shop.measures.ratio, shop.unfound.ratio", "1 shop.measures.document", "1", "db"]);
    const keyless = run.events.flatMap(({ body }) => (body.type === "finding" && body.fault.code === "SERVER_NO_PRIMARY_KEY" ? [[body.severity, body.fault.params.tables]] : []));
    // Of the one a row may not be found again, the other is read in no time.
    expect(keyless).toEqual([["warning", "shop.unfound"], ["info", "shop.keyless, shop.made_up"]]);
    expect(run.value?.summary.rows).toBe(103);
    const verified = await here.verify(run.value?.manifest.id ?? "");
    expect(verified.value?.verification.restoreTest?.differences).toEqual([]);
    expect(verified.value?.verification.level).toBe("proven");
  });
});
