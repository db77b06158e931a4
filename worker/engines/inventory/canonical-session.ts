import type { Connection } from "mysql2/promise";
import { quoteName } from "#lib/domain/backup/sql-name.ts";
import { literal, textRows } from "./information-schema.ts";

/**
 * Does the work with the session settings under which the server prints definitions in one form only:
 * backtick quotes, no sql_mode quirks, all names with their schema, UTC. The former settings come back afterwards.
 */
export async function inCanonicalSession<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  const [before] = await textRows(connection, "SELECT @@SESSION.sql_mode, @@SESSION.sql_quote_show_create, @@SESSION.time_zone, DATABASE()");
  // SHOW CREATE VIEW leaves out the name of the session's own schema.
  await connection.query("USE information_schema");
  await connection.query("SET SESSION sql_mode = '', sql_quote_show_create = 1, time_zone = '+00:00'");
  try {
    return await work();
  } finally {
    // A connection that died meanwhile has nothing to give back; its own error is the one to see.
    await connection
      .query(`SET SESSION sql_mode = ${literal(before?.[0] ?? "")}, sql_quote_show_create = ${Number(before?.[1] ?? 1)}, time_zone = ${literal(before?.[2] ?? "+00:00")}`)
      .catch(() => undefined);
    if (before?.[3]) await connection.query(`USE ${quoteName(before[3])}`).catch(() => undefined);
  }
}
