import type { Connection, RowDataPacket } from "mysql2/promise";
import type { Flavor } from "#lib/contract/names.ts";
import type { SwapOrder, SwapPlan } from "#lib/contract/recovery/swap.ts";
import { Secret } from "#lib/platform/secret.ts";
import { startMysql } from "#scripts/services/mysql.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { planSwap } from "#worker/pipelines/restore/swap/plan-swap.ts";
import { runSwap } from "#worker/pipelines/restore/swap/run-swap.ts";
import { listRecords, writeRecord } from "#worker/pipelines/restore/swap/swap-record.ts";
import { archiveAtOnce } from "./archive-at-once.ts";
import { makeLiveHost } from "./live-host.ts";

/** What is in use, and a copy of it as a restore beside makes one: other rows, a table that is gone from use, one trigger more. On a server of its own: whoever backs up beside it holds all tables for a moment. */
export async function makeSwapScene(flavor: Flavor) {
  const [live, copy, account] = ["swap", "swap_copy", "swapper"] as const;
  const server = await startMysql({ flavor });
  const connection: Connection = await connect({ name: "db", socket: server.socket, user: server.user, password: new Secret(server.password) });
  const sql = async (...statements: string[]): Promise<void> => {
    for (const statement of statements) await connection.query(statement);
  };
  // As docs/operations.md asks for; SYSTEM_USER because the triggers here are root's; the last is the backup account's, which is the same here.
  const more = flavor === "mysql" ? ", SET_ANY_DEFINER, ALLOW_NONEXISTENT_DEFINER, SYSTEM_USER, REPLICATION CLIENT" : ", SET USER, BINLOG MONITOR";
  await sql("SET GLOBAL log_bin_trust_function_creators = 1", `CREATE USER ${account}@localhost IDENTIFIED BY 's3gr3to'`, `GRANT SELECT, INSERT, CREATE, ALTER, DROP, LOCK TABLES, SHOW VIEW, TRIGGER, EVENT, PROCESS${more} ON *.* TO ${account}@localhost`);
  const scene = await makeLiveHost({ server: { ...server, user: account, password: "s3gr3to" } });

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
  const order = (more: Partial<Extract<SwapOrder, { kind: "swap" }>> = {}): SwapOrder => ({ kind: "swap", server: "db", pairs: { [live]: copy }, moveRest: false, lockWaitSeconds: 10, ownChecks: true, ...more });
  const undo = (runId: string): SwapOrder => ({ kind: "undo", runId, lockWaitSeconds: 10 });
  const planned = async (wanted: SwapOrder): Promise<SwapPlan> => {
    const result = await planSwap(scene.host, wanted);
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    return result.plan;
  };
  const run = (plan: SwapPlan, typed: string = live) => scene.run((context) => runSwap(context, scene.host, plan, typed));
  /** Both schemas as new. */
  const fill = async (): Promise<void> => {
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
  };
  /** Neither schema, no swap that counts. */
  const empty = async (): Promise<void> => {
    await sql("UNLOCK TABLES", "SET SESSION foreign_key_checks = 0");
    for (const schema of (await schemas()).split(",")) await sql(`DROP DATABASE \`${schema}\``);
    await sql("SET SESSION foreign_key_checks = 1");
    for (const record of listRecords(scene.host.folders)) writeRecord(scene.host.folders, { ...record, state: "dropped" });
  };
  /** The binary logs of now, at destination `one`. */
  const archive = (): Promise<void> => archiveAtOnce(scene, { connection, dataDir: server.dataDir, flavor });
  const close = (): Promise<void> => Promise.all([connection.end(), scene.close()]).then(() => server.stop(), () => server.stop());
  return { live, copy, host: scene.host, folder: scene.folder, liveHost: scene, connection, sql, value, schemas, triggers, picture, order, undo, planned, run, fill, empty, archive, close };
}

export type SwapScene = Awaited<ReturnType<typeof makeSwapScene>>;
