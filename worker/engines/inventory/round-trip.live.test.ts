import { spawn } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Connection, RowDataPacket } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Inventory } from "#lib/contract/manifest/manifest.ts";
import type { Flavor } from "#lib/contract/names.ts";
import { quoteName, quotePath } from "#lib/domain/backup/sql-name.ts";
import { Secret } from "#lib/platform/secret.ts";
import { type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { accountStatements } from "#worker/engines/dump/accounts.ts";
import { loadRows } from "#worker/engines/load/load-rows.ts";
import { connect } from "#worker/engines/server/connect.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import { createNasty, type NastyGroup, PORTABLE_GROUPS } from "#worker/testing/nasty-schema.ts";
import { testTools } from "#worker/testing/tools.ts";
import { fingerprintAll } from "../fingerprint/fingerprint-all.ts";
import { listAccounts } from "./accounts.ts";
import { collectInventory } from "./collect-inventory.ts";
import { compareInventory } from "./compare-inventory.ts";
import { countRows } from "./count-rows.ts";

/** Everything that the dump programs of the family carry by themselves, rounded values included; the bodies of the nasty routines stop their clients. */
const GROUPS: readonly NastyGroup[] = [...PORTABLE_GROUPS.filter((group) => group !== "routines"), "lossy", "engines"];

/** Tables whose rows must have been read as text, so that this shows something. */
const LEAST_LOADED = 20;

describe.each(["mysql", "mariadb"] as const)("nasty schema copied by %s's own programs", (flavor) => {
  let source: RunningMysql;
  let target: RunningMysql;
  let here: Connection;
  let there: Connection;
  let recorded: Inventory;

  const open = ({ socket, user, password }: RunningMysql): Promise<Connection> => connect({ name: "test", socket, user, password: new Secret(password) });
  const read = async (connection: Connection): Promise<Inventory> =>
    fingerprintAll([connection], await collectInventory(connection, { schemas: null, flavor, accounts: true }), { flavor });

  beforeAll(async () => {
    [source, target] = await Promise.all([startMysql({ flavor }), startMysql({ flavor, options: ["--log-bin-trust-function-creators=1"] })]);
    [here, there] = await Promise.all([open(source), open(target)]);
    await createNasty(here, { flavor, include: GROUPS });
    await addPrograms(here);
    await leaveOut(here, flavor);
    recorded = await read(here);
    await copy(source, target, flavor, recorded.schemas.map(({ name }) => name));
    const { accounts, grants } = await accountStatements(here, flavor, await listAccounts(here, flavor));
    await load(target, flavor, accounts + grants);
  });
  afterAll(async () => {
    await Promise.allSettled([here?.end(), there?.end()]);
    await Promise.allSettled([source?.stop(), target?.stop()]);
  });

  it("gives the same inventory and the same fingerprints on the other server", async () => {
    expect(recorded.schemas.flatMap(({ tables }) => tables).length).toBeGreaterThan(60);
    // root@127.0.0.1 and the like came with the target server, with its own password.
    const differences = compareInventory(recorded, await read(there)).filter(({ object }) => !object.startsWith("account root@"));
    expect(differences).toEqual([]);
  });

  it("and so do rows that are read as text instead of as statements", async () => {
    await emptyTables(there, recorded);
    await there.query("SET GLOBAL local_infile = ON");
    const before = await status(there, "Com_load");
    const { mysqldump } = testTools().clients[flavor] as ClientTools;
    const options = ["--single-transaction", "--no-create-info", "--skip-triggers", "--hex-blob", "--skip-add-locks", "--skip-disable-keys", ...(flavor === "mariadb" ? ["--dump-history"] : ["--set-gtid-purged=OFF"])];
    const loading = { access: { name: "test", socket: target.socket, user: target.user, password: new Secret(target.password) }, flavor, tools: testTools().clients[flavor] as ClientTools, signal: new AbortController().signal, skipBinlog: true, localRows: true };
    for (const { name: schema, tables } of recorded.schemas) {
      for (const { name } of tables.filter(({ rows }) => rows > 0)) {
        const dump = spawn(mysqldump, [...login(source), ...options, "--", schema, name], { stdio: ["ignore", "pipe", "inherit"] });
        const sql = Readable.from((async function* () {
          yield Buffer.from(`USE ${quoteName(schema)};\n`);
          yield* dump.stdout;
        })(), { objectMode: false });
        await loadRows(loading, { name: "200-data-00001-00001.sql", source: sql, rewriter: null }, () => undefined, 0);
      }
    }
    expect((await status(there, "Com_load")) - before).toBeGreaterThan(LEAST_LOADED);
    expect(compareInventory(recorded, await read(there)).filter(({ object }) => !object.startsWith("account root@"))).toEqual([]);
  });

  it("counts the same rows as the fingerprint, whatever the number of connections", async () => {
    const second = await open(source);
    const counted = await countRows([here, second], recorded);
    await second.end();
    expect(counted).toEqual(recorded);
  });
});

async function addPrograms(connection: Connection): Promise<void> {
  await connection.query("USE nasty");
  for (const statement of [
    "CREATE TABLE watched (id INT PRIMARY KEY, v VARCHAR(20))",
    "CREATE PROCEDURE twice (IN a VARCHAR(20), OUT b INT) COMMENT 'it''s' SQL SECURITY INVOKER BEGIN SET b = LENGTH(a); END",
    "CREATE FUNCTION twice (a INT) RETURNS VARCHAR(20) CHARACTER SET latin1 DETERMINISTIC RETURN CONCAT(a, 'è')",
    "CREATE TRIGGER z_first BEFORE INSERT ON watched FOR EACH ROW SET NEW.v = 'z'",
    "CREATE DEFINER = ghost@nowhere TRIGGER a_second BEFORE INSERT ON watched FOR EACH ROW FOLLOWS z_first SET NEW.v = CONCAT(NEW.v, ';')",
    "CREATE EVENT yearly ON SCHEDULE EVERY 1 YEAR STARTS '2037-01-01' DISABLE COMMENT 'x' DO SELECT 1",
  ]) await connection.query(statement);
}

/** What the programs of the family cannot carry by themselves, and this test is not about. */
async function leaveOut(connection: Connection, flavor: Flavor): Promise<void> {
  // SHOW CREATE USER prints subject and attribute without escaping their quotes.
  await connection.query("ALTER USER IF EXISTS nasty_options@localhost REQUIRE NONE");
  if (flavor === "mysql") await connection.query(`ALTER USER nasty_options@localhost ATTRIBUTE '{"note": "plain"}'`);
  // mariadb-dump --events looks for schemas under wrong names.
  if (flavor === "mariadb") await connection.query("DROP EVENT nasty.yearly");
  // Dates that no calendar has become zero dates without an error: real losses, which the fingerprint must show elsewhere.
  for (const table of ["dates", "invalid_dates"]) await connection.query(`DELETE FROM nasty.${table} WHERE id = ${table === "dates" ? 5 : 1}`);
  // SHOW CREATE TABLE of MariaDB does not double a backtick in the name of a foreign key.
  const [rows] = await connection.query<RowDataPacket[]>("SELECT TABLE_SCHEMA AS s, TABLE_NAME AS t FROM information_schema.REFERENTIAL_CONSTRAINTS JOIN information_schema.KEY_COLUMN_USAGE USING (CONSTRAINT_SCHEMA, CONSTRAINT_NAME, TABLE_NAME) WHERE CONSTRAINT_NAME LIKE '%`%'");
  for (const { s, t } of flavor === "mariadb" ? rows : []) await connection.query(`DROP TABLE ${quotePath(String(s), String(t))}`);
}

async function emptyTables(connection: Connection, { schemas }: Inventory): Promise<void> {
  await connection.query("SET SESSION foreign_key_checks = 0");
  for (const { name, tables } of schemas) {
    for (const table of tables.filter(({ rows }) => rows > 0)) {
      await connection.query(`DELETE FROM ${quotePath(name, table.name)}`);
      const [[row]] = await connection.query<RowDataPacket[]>("SELECT TABLE_TYPE AS type FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?", [name, table.name]);
      if (row?.type === "SYSTEM VERSIONED") await connection.query(`DELETE HISTORY FROM ${quotePath(name, table.name)}`);
    }
  }
}

async function status(connection: Connection, name: string): Promise<number> {
  const [[row]] = await connection.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE ?", [name]);
  return Number(row?.Value);
}

const login = (server: RunningMysql): string[] => ["--no-defaults", `--socket=${server.socket}`, "--user=root", `--password=${server.password}`, "--default-character-set=utf8mb4", "--max-allowed-packet=1G"];

async function copy(from: RunningMysql, to: RunningMysql, flavor: Flavor, schemas: readonly string[]): Promise<void> {
  const { mysqldump } = testTools().clients[flavor] as ClientTools;
  const history = flavor === "mariadb" ? ["--dump-history"] : ["--set-gtid-purged=OFF", "--events"];
  const dump = spawn(mysqldump, [...login(from), "--single-transaction", "--routines", "--triggers", "--hex-blob", "--no-tablespaces", ...history, "--databases", "--", ...schemas], { stdio: ["ignore", "pipe", "inherit"] });
  const [[code]] = await Promise.all([once(dump, "close"), load(to, flavor, dump.stdout)]);
  expect(code).toBe(0);
}

async function load(to: RunningMysql, flavor: Flavor, statements: Readable | string): Promise<void> {
  const client = spawn((testTools().clients[flavor] as ClientTools).mysql, [...login(to), "--binary-mode"], { stdio: ["pipe", "ignore", "pipe"] });
  let said = "";
  client.stderr.on("data", (text: Buffer) => (said = `${said}${text}`.slice(-2000)));
  const closed = once(client, "close");
  await pipeline(typeof statements === "string" ? Readable.from([statements]) : statements, client.stdin).catch(() => undefined);
  expect([(await closed)[0], said.replace(/^.*Warning.*$/gm, "").trim().split("\n").at(-1)]).toEqual([0, ""]);
}
