import type { Connection, RowDataPacket } from "mysql2/promise";

const SMALL_TRANSACTIONS = 24_000;
const ROWS = 100_000;
const BULK_ROUNDS = 4;
const TABLES = ["orders", "customers", "deliveries", "sessions"];

/** Changes that a source makes and a replay repeats. */
export interface Change {
  readonly name: "small" | "bulk";
  readonly sessions: number;
  /** Gives the number of transactions. */
  readonly run: (connections: readonly Connection[]) => Promise<number>;
}

export const CHANGES: readonly Change[] = [
  { name: "small", sessions: 8, run: small },
  { name: "bulk", sessions: 4, run: bulk },
];

/** Four tables of 100,000 rows with a secondary index, the same wherever they are made. */
export async function prepare(connection: Connection): Promise<void> {
  await connection.query("SET SESSION cte_max_recursion_depth = 1000000");
  await connection.query("CREATE DATABASE bench_replay");
  for (const table of TABLES) {
    await connection.query(`CREATE TABLE bench_replay.${table} (id INT PRIMARY KEY, customer INT NOT NULL, amount DECIMAL(10,2) NOT NULL, note VARCHAR(120) NOT NULL, KEY by_customer (customer))`);
    await connection.query(`INSERT INTO bench_replay.${table} WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${ROWS}) SELECT n, n % 5000, n / 7, CONCAT(SHA2(n, 256), n) FROM numbers`);
  }
}

/** What stands in the tables, for comparison. */
export async function sums(connection: Connection): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const table of TABLES) {
    const [rows] = await connection.query<RowDataPacket[]>(`SELECT CONCAT_WS(':', COUNT(*), SUM(CAST(id AS SIGNED)), SUM(customer), SUM(amount), SUM(CRC32(note))) AS sums FROM bench_replay.${table}`);
    found[table] = String(rows[0]?.sums);
  }
  return found;
}

/** As an application does: an order is written, a row elsewhere is changed. */
async function small(connections: readonly Connection[]): Promise<number> {
  const each = SMALL_TRANSACTIONS / connections.length;
  await Promise.all(connections.map(async (connection, session) => {
    for (let at = 0; at < each; at += 1) {
      const n = at * connections.length + session;
      const id = 1 + ((n * 7919) % ROWS);
      await connection.query("BEGIN");
      await connection.query(`INSERT INTO bench_replay.orders VALUES (${1_000_000 + n}, ${n % 5000}, ${n % 900}.5, 'order ${n}')`);
      await connection.query(`UPDATE bench_replay.customers SET amount = amount + 1 WHERE id = ${id}`);
      await connection.query("COMMIT");
    }
  }));
  return SMALL_TRANSACTIONS;
}

/** As a nightly job does: whole ranges of several tables changed, added and removed. */
async function bulk(connections: readonly Connection[]): Promise<number> {
  let count = 0;
  const change = async (connection: Connection, statement: string): Promise<void> => {
    await connection.query(statement);
    count += 1;
  };
  await Promise.all(connections.map(async (connection, session) => {
    const table = `bench_replay.${TABLES[session % TABLES.length]}`;
    for (let round = 1; round <= BULK_ROUNDS; round += 1) {
      for (let from = 1; from <= ROWS; from += 20_000) await change(connection, `UPDATE ${table} SET amount = amount * 1.01, note = CONCAT(LEFT(note, 60), ${round}) WHERE id BETWEEN ${from} AND ${from + 19_999}`);
      await change(connection, `INSERT INTO ${table} SELECT id + ${round * 1_000_000}, customer, amount, note FROM ${table} WHERE id <= 30000`);
      await change(connection, `DELETE FROM ${table} WHERE id > ${round * 1_000_000} AND id % 2 = 0`);
    }
  }));
  return count;
}
