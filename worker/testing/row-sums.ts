import type { Connection, RowDataPacket } from "mysql2/promise";

const quoted = (name: string) => `\`${name.replaceAll("`", "``")}\``;

/**
 * A sum over the bytes of all rows of each table, by `schema.table`, whatever their order; generated columns included. For tests:
 * CHECKSUM TABLE will not do, it varies from run to run with multi-valued indexes (MySQL) and generated columns (MariaDB 10.11).
 */
export async function rowSums(connection: Connection, tables: readonly { schema: string; name: string }[]): Promise<Record<string, string>> {
  const sums: Record<string, string> = {};
  await connection.query("SET SESSION time_zone = '+00:00'");
  for (const { schema, name } of tables) {
    const [columns] = await connection.query<RowDataPacket[]>(
      "SELECT column_name AS name FROM information_schema.columns WHERE BINARY table_schema = BINARY ? AND BINARY table_name = BINARY ? ORDER BY ordinal_position", [schema, name]);
    const values = columns.map((column) => `IFNULL(HEX(CAST(${quoted(String(column.name))} AS BINARY)), '~')`).join(", ");
    const [rows] = await connection.query<RowDataPacket[]>(`SELECT CONCAT(COUNT(*), ':', IFNULL(SUM(CRC32(CONCAT_WS('#', ${values}))), 0)) AS s FROM ${quoted(schema)}.${quoted(name)}`);
    sums[`${schema}.${name}`] = String(rows[0]?.s);
  }
  return sums;
}
