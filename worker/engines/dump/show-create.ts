import type { Connection, RowDataPacket } from "mysql2/promise";

/** Columns of the first row of SHOW CREATE, as bytes and unconverted: bodies are in the character set of who made them. */
export async function showCreate(connection: Connection, what: string): Promise<Map<string, Buffer | null>> {
  await connection.query("SET SESSION character_set_results = binary");
  try {
    const [[row]] = await connection.query<RowDataPacket[]>({ sql: `SHOW CREATE ${what}`, typeCast: (field) => field.buffer() });
    return new Map(Object.entries(row ?? {}) as [string, Buffer | null][]);
  } finally {
    await connection.query("SET SESSION character_set_results = utf8mb4").catch(() => undefined);
  }
}
