import { randomBytes } from "node:crypto";
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import mysql, { type Connection, type RowDataPacket } from "mysql2/promise";
import { describe, expect, test } from "vitest";
import { HEARTBEAT_SCHEMA } from "#lib/domain/archive/heartbeat.ts";
import { Secret } from "#lib/platform/secret.ts";
import { startMysql } from "#scripts/services/mysql.ts";
import { temporaryFolder } from "#scripts/services/place.ts";
import { toolPaths } from "#scripts/setup/tools.ts";
import { preflight } from "#worker/engines/preflight/preflight.ts";
import { rowSums } from "#worker/testing/row-sums.ts";
import { createBackupAccount } from "./backup-account.ts";
import { seedDemo } from "./seed.ts";
import { startWriteLoad } from "./write-load.ts";

const BACKUP_USER = "salvagente_backup";

describe.each(["mysql", "mariadb"] as const)("%s", (flavor) => {
  test("the demo data are the same every time, sound, and dumped whole by the backup account", async () => {
    const server = await startMysql({ flavor });
    const folder = temporaryFolder("seed");
    try {
      const root = { socketPath: server.socket, user: "root", password: server.password };
      const connection = await mysql.createConnection(root);
      await seedDemo({ connection: root, flavor, megabytes: 5 });
      const first = await sums(connection);
      for (const schema of ["gestionelogistica_archivio", "gestionelogistica"]) await connection.query(`DROP DATABASE ${schema}`);
      await seedDemo({ connection: root, flavor, megabytes: 5 });
      expect(await sums(connection)).toEqual(first);
      expect(Object.keys(first)).toHaveLength(21);
      expect(await orphans(connection)).toEqual([]);

      const password = randomBytes(12).toString("base64url");
      await createBackupAccount(connection, { user: BACKUP_USER, password: new Secret(password), flavor });
      const access = { name: "db01", socket: server.socket, user: BACKUP_USER, password: new Secret(password) };
      const { findings } = await preflight(access, { schemas: null, archive: true, heartbeatSchema: HEARTBEAT_SCHEMA });
      // The first run that a newcomer sees: what there is to tell of the demo is no warning. (A MariaDB as it comes does not sync its log.)
      const warned = findings.flatMap(({ severity, fault }) => (severity === "info" ? [] : [fault.code]));
      expect(warned).toEqual(flavor === "mysql" ? [] : ["SERVER_BINLOG_NOT_DURABLE"]);
      expect(findings.map(({ fault }) => fault.code)).toContain("SERVER_NO_PRIMARY_KEY");
      const options = join(folder, "client.cnf");
      writeFileSync(options, `[client]\nuser=${BACKUP_USER}\npassword=${password}\nsocket=${server.socket}\n`, { mode: 0o600 });
      const dump = runDump(flavor, options);
      expect([dump.status, dump.stderr]).toEqual([0, ""]);
      const count = (pattern: RegExp) => dump.stdout.match(pattern)?.length;
      expect({
        tables: count(/^CREATE TABLE /gm), routines: count(/^CREATE DEFINER=\S+ (PROCEDURE|FUNCTION) /gm), triggers: count(/^\/\*!50003 CREATE\*\/.* TRIGGER /gm), events: count(/ EVENT `/g), views: count(/^\/\*!50001 VIEW /gm),
      }).toEqual({ tables: 21, routines: 5, triggers: 4, events: 2, views: 6 });
      await connection.end();
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test("the write load goes on after an outage of the server", async () => {
  const folder = temporaryFolder("load");
  const dataDir = join(folder, "data");
  const start = () => startMysql({ flavor: "mysql", dataDir, port, password: "load-test" });
  let port: number | undefined;
  let server = await startMysql({ flavor: "mysql", dataDir, password: "load-test" });
  port = server.port;
  const root = { host: "127.0.0.1", port: server.port, user: "root", password: "load-test" };
  const states: string[] = [];
  await seedDemo({ connection: root, flavor: "mysql", megabytes: 2 });
  const load = startWriteLoad({ connection: root, rate: 100, onOutage: (state) => states.push(state) });
  try {
    await expect.poll(() => load.committed(), { timeout: 20_000 }).toBeGreaterThan(20);
    await server.stop();
    await expect.poll(() => states, { timeout: 20_000 }).toEqual(["lost"]);
    server = await start();
    const before = load.committed();
    await expect.poll(() => load.committed(), { timeout: 20_000 }).toBeGreaterThan(before + 20);
    expect(states).toEqual(["lost", "back"]);
  } finally {
    await load.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

function runDump(flavor: "mysql" | "mariadb", options: string) {
  const tools = toolPaths();
  const [program, own] = flavor === "mysql"
    ? [tools.mysql.mysqldump, ["--source-data=2", "--set-gtid-purged=OFF", "--skip-column-statistics"]]
    : [tools.mariadb.mariadbDump, ["--master-data=2", "--gtid", "--dump-history"]];
  const flags = ["--single-transaction", "--routines", "--events", "--triggers", "--hex-blob", "--default-character-set=utf8mb4", "--no-tablespaces", "--databases", "gestionelogistica", "gestionelogistica_archivio"];
  return spawnSync(program, [`--defaults-extra-file=${options}`, ...own, ...flags], { encoding: "utf8", maxBuffer: 1e9, timeout: 60_000, killSignal: "SIGKILL" });
}

async function sums(connection: Connection): Promise<Record<string, string>> {
  const [tables] = await connection.query<RowDataPacket[]>("SELECT table_schema AS s, table_name AS n FROM information_schema.tables WHERE table_schema LIKE 'gestionelogistica%' AND table_type = 'BASE TABLE'");
  return rowSums(connection, tables.map((table) => ({ schema: String(table.s), name: String(table.n) })));
}

/** Foreign keys whose child rows have no parent: rows were made with checks off. */
async function orphans(connection: Connection): Promise<string[]> {
  const [keys] = await connection.query<RowDataPacket[]>(`SELECT constraint_name AS fk, CONCAT(table_schema, '.', table_name) AS child, column_name AS col, CONCAT(referenced_table_schema, '.', referenced_table_name) AS parent, referenced_column_name AS ref
    FROM information_schema.key_column_usage WHERE referenced_table_name IS NOT NULL AND table_schema LIKE 'gestionelogistica%'`);
  expect(keys.length).toBeGreaterThan(20);
  const found: string[] = [];
  for (const { fk, child, col, parent, ref } of keys) {
    const [rows] = await connection.query<RowDataPacket[]>(`SELECT COUNT(*) AS n FROM ${child} c LEFT JOIN ${parent} p ON p.${ref} = c.${col} WHERE c.${col} IS NOT NULL AND p.${ref} IS NULL`);
    if (Number(rows[0]?.n) > 0) found.push(`${fk}: ${rows[0]?.n}`);
  }
  return found;
}
