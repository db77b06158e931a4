import type { Connection, RowDataPacket } from "mysql2/promise";
import type { Flavor } from "#lib/contract/names.ts";

/** A transaction of a ledger, and where it stands. */
export interface LedgerEntry {
  readonly gtid: string;
  /** Server time after the commit, microseconds. */
  readonly after: string;
  readonly file: string;
  readonly position: number;
}

/** Statements on the source of a test of instants, and what was committed when. */
interface Ledger {
  /** First column of the first row. */
  value(sql: string): Promise<string>;
  sql(...statements: string[]): Promise<void>;
  /** Enters the last transaction. */
  note(): Promise<void>;
  /** Adds row `n` of `ledger.rows_of` and sets the one row of `ledger.state` to `n`: shows a missing and an extra transaction alike. */
  commit(n: number): Promise<void>;
}

/** Entries are added to `entries`; the schema is made by the test. */
export function makeLedger(flavor: Flavor, source: () => Connection, entries: LedgerEntry[]): Ledger {
  const value = async (sql: string): Promise<string> => {
    const [rows] = await source().query<RowDataPacket[]>({ sql, rowsAsArray: true });
    return String((rows[0] as unknown as unknown[] | undefined)?.[0]);
  };
  const sql = async (...statements: string[]): Promise<void> => {
    for (const statement of statements) await source().query(statement);
  };
  const place = async (): Promise<Pick<LedgerEntry, "file" | "position">> => {
    const [rows] = await source().query<RowDataPacket[]>(flavor === "mysql" ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS");
    return { file: String(rows[0]?.File), position: Number(rows[0]?.Position) };
  };
  const note = async (): Promise<void> => {
    const executed = flavor === "mysql" ? await value("SELECT CONCAT(@@server_uuid, ':', SUBSTRING_INDEX(SUBSTRING_INDEX(@@GLOBAL.gtid_executed, ':', -1), '-', -1))") : await value("SELECT @@GLOBAL.gtid_binlog_pos");
    entries.push({ gtid: executed, after: await value("SELECT CAST(ROUND(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000) AS UNSIGNED)"), ...(await place()) });
  };
  return {
    value,
    sql,
    note,
    async commit(n) {
      await sql("BEGIN", `INSERT INTO ledger.rows_of (n) VALUES (${n})`, `UPDATE ledger.state SET n = ${n}`, "COMMIT");
      await note();
    },
  };
}
