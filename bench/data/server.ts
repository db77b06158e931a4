import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import mysql, { type Connection, type RowDataPacket } from "mysql2/promise";
import { type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { LARGE_TABLES, PROGRAMS, SMALL_TABLES } from "./tables.ts";

/** Raised when the rows change: kept data of another version is not used. */
const DATA_VERSION = 2;
const SLICE = 50_000;

/** The same for the source and every target, so that no side is favoured. */
export const SERVER_OPTIONS = ["--innodb-buffer-pool-size=1G", "--innodb-redo-log-capacity=1G", "--log-bin-trust-function-creators=1"];

/**
 * The source server of the bench with about `bytes` of table data (indexes not counted).
 */
export function startBenchServer(bytes: number, say: (text: string) => void): Promise<RunningMysql> {
  return startKeptServer(`${Math.round(bytes / 1e6)}m-v${DATA_VERSION}`, `${(bytes / 1e9).toFixed(2)} GB of data`, (server) => fillServer(server, bytes, say), say);
}

/** A server whose data folder is made once by `fill` and kept under `.salvagente/bench`; a half-made one is never used. */
export async function startKeptServer(name: string, what: string, fill: (server: RunningMysql) => Promise<void>, say: (text: string) => void): Promise<RunningMysql> {
  const folder = join(import.meta.dirname, "../../.salvagente/bench");
  const dataDir = join(folder, `mysql-${name}`);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(dataDir, "bench-ready"))) {
    const making = `${dataDir}.making`;
    for (const path of [making, dataDir]) rmSync(path, { recursive: true, force: true });
    say(`making ${what} (once)`);
    const server = await startMysql({ flavor: "mysql", dataDir: making, keep: true, options: [...SERVER_OPTIONS, "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", "--skip-innodb-doublewrite"] });
    try {
      await fill(server);
    } finally {
      await server.stop();
    }
    renameSync(making, dataDir);
    writeFileSync(join(dataDir, "bench-ready"), "");
  }
  return startMysql({ flavor: "mysql", dataDir, keep: true, options: SERVER_OPTIONS });
}

async function fillServer(server: RunningMysql, bytes: number, say: (text: string) => void): Promise<void> {
  const connections = await Promise.all([connect(server), connect(server)]);
  const [first] = connections;
  if (!first) return;
  for (const schema of ["bench", "bench_eventi"]) await first.query(`CREATE DATABASE ${schema} CHARACTER SET utf8mb4`);
  for (const table of SMALL_TABLES) {
    await first.query(table.ddl);
    await first.query(table.fill);
  }
  // Each connection fills its own tables, in key order: two grow at a time.
  const lists: { name: string; sql: string }[][] = connections.map(() => []);
  for (const [index, table] of LARGE_TABLES.entries()) {
    await first.query(table.ddl);
    const rows = Math.ceil((bytes * table.share) / table.rowBytes);
    for (let from = 1; from <= rows; from += SLICE) lists[index % lists.length]?.push({ name: table.name, sql: table.fill(from, Math.min(SLICE, rows - from + 1)) });
  }
  const total = lists.flat().length;
  let done = 0;
  await Promise.all(connections.map(async (connection, index) => {
    for (const slice of lists[index] ?? []) {
      await connection.query(slice.sql);
      done += 1;
      if (done % 20 === 0) say(`${Math.round((100 * done) / total)} % ${slice.name}`);
    }
  }));
  for (const statement of PROGRAMS) await first.query(statement);
  await first.query(`ANALYZE TABLE ${LARGE_TABLES.map((table) => table.name).join(", ")}`);
  for (const connection of connections) await connection.end();
}

/** A root connection; zone and checks fixed so that the rows are the same everywhere. */
export async function connect(server: RunningMysql): Promise<Connection> {
  const connection = await mysql.createConnection({ socketPath: server.socket, user: server.user, password: server.password });
  await connection.query(`SET SESSION time_zone = '+00:00', foreign_key_checks = 0, unique_checks = 0, cte_max_recursion_depth = ${SLICE + 1}`);
  return connection;
}

/** How much of everything else a schema holds there is: a restore that left something out was not faster. */
const OTHER_OBJECTS = {
  columns: "columns WHERE table_schema", indexes: "statistics WHERE table_schema", "foreign keys": "referential_constraints WHERE constraint_schema", views: "views WHERE table_schema",
  routines: "routines WHERE routine_schema", triggers: "triggers WHERE trigger_schema", events: "events WHERE event_schema",
};

/** Rows of every table of the bench schemas, by `schema.table`, and the number of other objects by their kind: the proof that a restore brought everything. */
export async function countContents(server: RunningMysql): Promise<Record<string, number>> {
  const connection = await connect(server);
  try {
    const [tables] = await connection.query<RowDataPacket[]>("SELECT CONCAT(table_schema, '.', table_name) AS name FROM information_schema.tables WHERE table_schema LIKE 'bench%' AND table_type = 'BASE TABLE' ORDER BY 1");
    const counts: Record<string, number> = {};
    for (const { name } of tables) {
      const [rows] = await connection.query<RowDataPacket[]>(`SELECT COUNT(*) AS n FROM ${String(name)}`);
      counts[String(name)] = Number(rows[0]?.n);
    }
    for (const [kind, place] of Object.entries(OTHER_OBJECTS)) {
      const [rows] = await connection.query<RowDataPacket[]>(`SELECT COUNT(*) AS n FROM information_schema.${place} LIKE 'bench%'`);
      counts[kind] = Number(rows[0]?.n);
    }
    return counts;
  } finally {
    await connection.end();
  }
}

/** Bytes of rows that InnoDB reports for the bench schemas, without secondary indexes. */
export async function dataBytes(server: RunningMysql): Promise<number> {
  const connection = await connect(server);
  try {
    await connection.query("SET SESSION information_schema_stats_expiry = 0");
    const [rows] = await connection.query<RowDataPacket[]>("SELECT SUM(data_length) AS bytes FROM information_schema.tables WHERE table_schema LIKE 'bench%'");
    return Number(rows[0]?.bytes);
  } finally {
    await connection.end();
  }
}
