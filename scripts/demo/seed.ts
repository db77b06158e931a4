import mysql, { type Connection, type ConnectionOptions } from "mysql2/promise";
import type { Flavor } from "#lib/contract/names.ts";
import { createDemoAccounts } from "./accounts.ts";
import { type Fill, fillings } from "./rows.ts";
import { readStatements } from "./statements.ts";

export interface SeedOptions {
  /** An account that may do everything (root of the demo server). */
  readonly connection: ConnectionOptions;
  /** About this much table data, indexes included. Default 200. */
  readonly megabytes?: number;
  readonly flavor: Flavor;
  readonly onProgress?: (progress: SeedProgress) => void;
}

export interface SeedProgress {
  readonly table: string;
  /** Rows done and to do over all tables. */
  readonly rows: number;
  readonly of: number;
}

const SLICE = 40_000;

/**
 * Creates `gestionelogistica` and `gestionelogistica_archivio` with rows, views, routines, triggers, events and accounts.
 * The same size gives the same rows at every run. Rows are made by the server and stay out of the binary log.
 * Throws the server's error if one of the schemas is there already.
 */
export async function seedDemo(options: SeedOptions): Promise<{ rows: number; seconds: number }> {
  const started = performance.now();
  const lists = fillings(options.megabytes ?? 200);
  const of = lists.flat().reduce((sum, fill) => sum + fill.rows, 0);
  let rows = 0;
  const report = (fill: Fill, done: number) => {
    rows += done;
    options.onProgress?.({ table: fill.table, rows, of });
  };

  await withConnection(options, async (connection) => {
    for (const file of ["10-anagrafiche.sql", "20-esercizio.sql", "30-amministrazione.sql"]) await runFile(connection, file);
    await createDemoAccounts(connection, options.flavor);
    await runFile(connection, "50-viste.sql");
  });
  await Promise.all(lists.map((list) => withConnection(options, (connection) => fillAll(connection, list, report))));
  await withConnection(options, async (connection) => {
    await runFile(connection, "60-routine.sql");
    await connection.query("ANALYZE TABLE viaggi, delivery, user_sessions, users, posizioni_gps, documenti");
  });
  return { rows, seconds: (performance.now() - started) / 1000 };
}

async function fillAll(connection: Connection, list: readonly Fill[], report: (fill: Fill, done: number) => void): Promise<void> {
  await connection.query("USE gestionelogistica");
  for (const fill of list) {
    for (let first = 1; first <= fill.rows; first += SLICE) {
      const count = Math.min(SLICE, fill.rows - first + 1);
      await connection.query(fill.sql(first, count));
      report(fill, count);
    }
  }
}

async function runFile(connection: Connection, name: string): Promise<void> {
  for (const statement of await readStatements(name)) await connection.query(statement);
}

async function withConnection<T>(options: SeedOptions, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await mysql.createConnection({ ...options.connection, charset: "utf8mb4" });
  try {
    // Italian summer times would make the rows depend on the host's zone.
    await connection.query("SET SESSION sql_log_bin = 0, time_zone = '+00:00', foreign_key_checks = 0, unique_checks = 0");
    const depth = options.flavor === "mysql" ? "cte_max_recursion_depth" : "max_recursive_iterations";
    await connection.query(`SET SESSION ${depth} = ${SLICE + 1}`);
    return await work(connection);
  } finally {
    await connection.end();
  }
}
