import type { Connection, RowDataPacket } from "mysql2/promise";

/**
 * Lets clients send rows to `LOAD DATA LOCAL`, for a server that only this load uses. Null where that is refused; else what puts the setting back as it was.
 */
export async function allowLocalRows(connection: Connection): Promise<(() => Promise<void>) | null> {
  try {
    const [[row]] = await connection.query<RowDataPacket[]>("SELECT @@GLOBAL.local_infile AS allowed");
    if (Number(row?.allowed) === 1) return async () => undefined;
    await connection.query("SET GLOBAL local_infile = ON");
    return async () => void (await connection.query("SET GLOBAL local_infile = OFF"));
  } catch {
    return null;
  }
}
