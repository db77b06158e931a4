import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Connection, RowDataPacket } from "mysql2/promise";
import type { RunEvent } from "#lib/contract/events.ts";
import { Secret } from "#lib/platform/secret.ts";
import { toolPaths } from "#scripts/setup/tools.ts";
import { type MysqlFlavor, type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { connect } from "#worker/engines/server/connect.ts";
import type { RunEnd } from "#worker/host/run-context.ts";
import { backupFull, type BackupResult } from "#worker/pipelines/backup/index.ts";
import { type VerifyResult, verifySet } from "#worker/pipelines/verify/index.ts";
import { type LiveHost, type LiveHostOptions, makeLiveHost } from "./live-host.ts";
import { childrenOf, until } from "./processes.ts";

/** Stands in a row of every scene: found in a file of the host or a destination, something lies there unsealed. */
const PLAIN_MARK = "never-to-be-read-outside";
const PROGRAMS = ["mysqldump", "mariadb-dump", "gpg", "zstd", "mysql", "mariadb"];

export type Conducted<T> = RunEnd<T> & { readonly runId: string; readonly events: RunEvent[] };

/** A server of its own with a schema `shop`, a host beside it, and what tests of faults ask of both. */
export interface FaultScene {
  readonly server: RunningMysql;
  readonly live: LiveHost;
  /** Root's connection, outside every run. */
  readonly connection: Connection;
  sql(...statements: string[]): Promise<void>;
  value(statement: string): Promise<string>;
  /** Runs statements at once, with everything of this process at a standstill until they are done; the first column of each row. */
  now(statements: string): string[];
  backup(options?: { signal?: AbortSignal; onEvent?: (event: RunEvent) => void; host?: LiveHost["host"] }): Promise<Conducted<BackupResult>>;
  verify(setId: string, level?: "intact" | "proven", options?: { onEvent?: (event: RunEvent) => void; signal?: AbortSignal }): Promise<Conducted<VerifyResult>>;
  /** After a run that failed: no child, no manifest, nothing in the spool, nothing readable, no lock on the server. */
  nothingLeft(runId: string): Promise<void>;
  close(): Promise<void>;
}

export interface SceneOptions extends Omit<LiveHostOptions, "server"> {
  readonly flavor?: MysqlFlavor;
  readonly serverOptions?: string[];
  /** The server has a keyring, and may encrypt what it writes (MySQL). */
  readonly keyring?: boolean;
  /** Account of the backup; made by the test. Default: root. */
  readonly account?: { readonly user: string; readonly password: string; readonly grants: readonly string[] };
  /** MB of rows that no compressor makes smaller, enough to be still on their way when the first ones are told of. */
  readonly bulk?: number;
}

export async function makeScene(options: SceneOptions = {}): Promise<FaultScene> {
  const { flavor = "mysql", account, serverOptions, keyring = false, bulk = 0, ...host } = options;
  const server = await startMysql({ flavor, keyring, ...(serverOptions ? { options: serverOptions } : {}) });
  const connection = await connect({ name: "db", socket: server.socket, user: server.user, password: new Secret(server.password) });
  const sql = async (...statements: string[]): Promise<void> => {
    for (const statement of statements) await connection.query(statement);
  };
  const value = async (statement: string): Promise<string> => {
    const [rows] = await connection.query<RowDataPacket[]>({ sql: statement, rowsAsArray: true });
    return String((rows[0] as unknown as unknown[] | undefined)?.[0]);
  };
  await sql(...schemaStatements(bulk));
  if (account) {
    await connection.query("CREATE USER ?@'localhost' IDENTIFIED BY ?", [account.user, account.password]);
    for (const grant of account.grants) await connection.query(`GRANT ${grant} TO ?@'localhost'`, [account.user]);
  }
  const live = await makeLiveHost({ ...host, server: { socket: server.socket, user: account?.user ?? server.user, password: account?.password ?? server.password } });
  return {
    server,
    live,
    connection,
    sql,
    value,
    now: (statements) => {
      const options = join(live.folder, "root.cnf");
      writeFileSync(options, `[client]\nsocket="${server.socket}"\nuser=root\npassword="${server.password}"\n`, { mode: 0o600 });
      const client = flavor === "mysql" ? toolPaths().mysql.mysql : toolPaths().mariadb.mariadb;
      const ran = spawnSync(client, [`--defaults-file=${options}`, "--batch", "--skip-column-names"], { input: statements, encoding: "utf8", timeout: 20_000 });
      if (ran.status !== 0) throw new Error(`${statements}: ${ran.stderr || ran.error}`);
      return ran.stdout.split("\n").slice(0, -1).map((line) => line.split("\t")[0] ?? "");
    },
    backup: ({ host: other, ...given } = {}) => live.run((context) => backupFull(context, other ?? live.host, "all"), given),
    verify: (setId, level = "proven", given = {}) => live.run((context) => verifySet(context, live.host, { server: "db", setId, level }), given),
    async nothingLeft(runId) {
      const left = (): string[] => PROGRAMS.filter((name) => childrenOf(process.pid, name).length > 0);
      await until("children of the run gone", () => left().length === 0).catch((error: Error) => {
throw new Error(`${error.message}: ${left().join(", ")}`);
      });
      const names = filesUnder(live.folder);
      const manifest = names.find((name) => name.includes(runId) && name.endsWith("manifest.json"));
      if (manifest) throw new Error(`a manifest: ${manifest}`);
      const stored = names.find((name) => name.includes(runId) && name.endsWith(".gpg"));
      if (stored) throw new Error(`a part of the set: ${stored}`);
      const spool = readdirSync(live.host.folders.spool);
      if (spool.length > 0) throw new Error(`in the spool: ${spool.join(", ")}`);
      const readable = names.find((name) => readFileSync(name).includes(PLAIN_MARK));
      if (readable) throw new Error(`readable rows in ${readable}`);
      await sql("SET SESSION lock_wait_timeout = 3", "INSERT INTO shop.customers (name) VALUES ('after')", "CREATE TABLE shop.after_fault (id INT)", "DROP TABLE shop.after_fault");
    },
    async close() {
      connection.destroy();
      await live.close();
      await server.stop();
    },
  };
}

/** Codes of a run's findings. */
export function findingCodes(run: { readonly events: readonly RunEvent[] }): string[] {
  return run.events.flatMap(({ body }) => (body.type === "finding" ? [body.fault.code] : []));
}

function schemaStatements(bulk: number): string[] {
  const rows = Array.from({ length: 50 }, (_, at) => `('${PLAIN_MARK} ${at}')`).join(", ");
  return [
    "CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
    "CREATE TABLE shop.customers (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(80) NOT NULL)",
    `INSERT INTO shop.customers (name) VALUES ${rows}`,
    "CREATE TABLE shop.orders (id INT AUTO_INCREMENT PRIMARY KEY, customer INT NOT NULL, amount DECIMAL(10,2) NOT NULL, KEY by_customer (customer), CONSTRAINT owner FOREIGN KEY (customer) REFERENCES shop.customers (id))",
    "INSERT INTO shop.orders (customer, amount) SELECT id, id * 1.5 FROM shop.customers",
    "CREATE TABLE shop.bulk (id INT AUTO_INCREMENT PRIMARY KEY, content LONGBLOB NOT NULL)",
    "SET SESSION group_concat_max_len = 4000000",
    // A row of some 320 KB: 2,500 hashes of 128 characters.
    ...Array.from({ length: bulk * 3 }, () => "INSERT INTO shop.bulk (content) SELECT GROUP_CONCAT(SHA2(CONCAT(RAND(), a.id, b.id), 512) SEPARATOR '') FROM shop.customers a JOIN shop.customers b"),
    "CREATE VIEW shop.spending AS SELECT customer, SUM(amount) AS total FROM shop.orders GROUP BY customer",
    "CREATE FUNCTION shop.twice(x INT) RETURNS INT DETERMINISTIC RETURN x * 2",
    "CREATE PROCEDURE shop.idle() BEGIN END",
    "CREATE TRIGGER shop.rounded BEFORE INSERT ON shop.orders FOR EACH ROW SET NEW.amount = ROUND(NEW.amount, 2)",
    "CREATE EVENT shop.yearly ON SCHEDULE EVERY 1 YEAR STARTS '2036-01-01 00:00:00' DO DELETE FROM shop.orders WHERE id < 0",
  ];
}

/** Paths of all files below a folder. */
export function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []));
}
