import type { Connection, RowDataPacket } from "mysql2/promise";
import { quoteName } from "#lib/domain/backup/sql-name.ts";
import type { SwapDraft } from "./draft-swap.ts";

/** Makes the schemas that a swap needs, each with the settings of what will stand in it. */
export async function createSchemas(connection: Connection, { moves, inventory }: SwapDraft, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const pair = moves.find(({ live, kept }) => live === name || kept === name);
    const like = inventory.schemas.find((schema) => schema.name === (pair?.kept === name ? pair.live : pair?.restored)) ?? inventory.schemas.find((schema) => schema.name === pair?.restored);
    await connection.query(`CREATE DATABASE ${quoteName(name)}${like ? ` CHARACTER SET ${like.characterSet} COLLATE ${like.collation}` : ""}`);
  }
}

/** Drops those of the schemas that hold no table, no view and no routine: what somebody put there meanwhile stays. */
export async function dropEmptySchemas(connection: Connection, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const [rows] = await connection.query<RowDataPacket[]>("SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? UNION ALL SELECT 1 FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ? LIMIT 1", [name, name]);
    if (rows.length === 0) await connection.query(`DROP DATABASE IF EXISTS ${quoteName(name)}`);
  }
}
