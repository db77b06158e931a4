import type { Connection, RowDataPacket } from "mysql2/promise";
import type { Flavor } from "#lib/contract/names.ts";

/** Definers of stored objects, `user@host`, for whom the server has no account. */
export async function missingDefiners(connection: Connection): Promise<string[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT DISTINCT d.DEFINER AS definer FROM (
       SELECT DEFINER, TABLE_SCHEMA AS s FROM information_schema.VIEWS UNION SELECT DEFINER, ROUTINE_SCHEMA FROM information_schema.ROUTINES
       UNION SELECT DEFINER, TRIGGER_SCHEMA FROM information_schema.TRIGGERS UNION SELECT DEFINER, EVENT_SCHEMA FROM information_schema.EVENTS) d
     WHERE d.s NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')`,
  );
  const [accounts] = await connection.query<RowDataPacket[]>("SELECT User AS user, Host AS host FROM mysql.user");
  const known = new Set(accounts.map((row) => `${row.user}@${row.host}`));
  return rows.map((row) => String(row.definer)).filter((definer) => !known.has(definer)).sort();
}

/** Makes them as locked accounts that may do anything: right only on a throw-away server, where views must be readable to be checked. */
export async function createDefiners(connection: Connection, flavor: Flavor, definers: readonly string[]): Promise<void> {
  for (const definer of definers) {
    const at = definer.lastIndexOf("@");
    const account = [definer.slice(0, at), definer.slice(at + 1)];
    await connection.query(`CREATE USER IF NOT EXISTS ?@? ${flavor === "mysql" ? "IDENTIFIED BY RANDOM PASSWORD ACCOUNT LOCK" : "ACCOUNT LOCK"}`, account);
    await connection.query("GRANT ALL PRIVILEGES ON *.* TO ?@?", account);
  }
}
