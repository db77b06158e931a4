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
  /**
   * Commits 1 to 15 in three files, with a heartbeat in the first. A transaction of `other` (a row of `ledger.slow`) is open across the eighth: begun before it, committed behind it. Gives its GTID.
   */
  fifteen(other: Connection, beat: () => Promise<void>): Promise<string>;
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
  const lastGtid = (): Promise<string> => value(flavor === "mysql" ? "SELECT CONCAT(@@server_uuid, ':', SUBSTRING_INDEX(SUBSTRING_INDEX(@@GLOBAL.gtid_executed, ':', -1), '-', -1))" : "SELECT @@GLOBAL.gtid_binlog_pos");
  const note = async (): Promise<void> => {
    entries.push({ gtid: await lastGtid(), after: await value("SELECT CAST(ROUND(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000) AS UNSIGNED)"), ...(await place()) });
  };
  const commit = async (n: number): Promise<void> => {
    await sql("BEGIN", `INSERT INTO ledger.rows_of (n) VALUES (${n})`, `UPDATE ledger.state SET n = ${n}`, "COMMIT");
    await note();
  };
  return {
    value,
    sql,
    note,
    commit,
    async fifteen(other, beat) {
      let across = "";
      for (let n = 1; n <= 15; n += 1) {
        if (n === 8) for (const statement of ["BEGIN", "INSERT INTO ledger.slow VALUES (8)"]) await other.query(statement);
        // MariaDB writes whole seconds: the tenth is committed in a later one than the ninth.
        if (flavor === "mariadb" && n === 10) await sql("DO SLEEP(1.2)");
        await commit(n);
        if (n === 8) {
          await other.query("COMMIT");
          across = await lastGtid();
        }
        if (n === 6) await beat();
        if (n === 6 || n === 12) await sql("FLUSH BINARY LOGS");
      }
      return across;
    },
  };
}
