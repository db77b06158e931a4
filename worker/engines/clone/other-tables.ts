import type { Connection } from "mysql2/promise";
import { textRows } from "#worker/engines/inventory/information-schema.ts";
import { isSystemSchema } from "#worker/engines/inventory/user-schemas.ts";

/** A table that the server's own copy holds without its rows. */
export interface OtherTable {
  readonly schema: string;
  readonly name: string;
  readonly engine: string;
  /** Data and indexes, bytes, as the server thinks. */
  readonly bytes: number;
  /** Has it triggers? */
  readonly triggers: boolean;
}

/** Rows of these are the table's own, and a dump of it holds them all. */
const DUMPED: ReadonlySet<string> = new Set(["myisam", "csv", "archive", "memory", "blackhole"]);

/** Every table outside the server's own schemas that is not InnoDB, by schema and name. */
export async function otherTables(connection: Connection): Promise<OtherTable[]> {
  const rows = await textRows(
    connection,
    `SELECT t.TABLE_SCHEMA, t.TABLE_NAME, t.ENGINE, COALESCE(t.DATA_LENGTH, 0) + COALESCE(t.INDEX_LENGTH, 0),
            EXISTS (SELECT 1 FROM information_schema.TRIGGERS r WHERE r.EVENT_OBJECT_SCHEMA = t.TABLE_SCHEMA AND r.EVENT_OBJECT_TABLE = t.TABLE_NAME)
       FROM information_schema.TABLES t WHERE t.TABLE_TYPE = 'BASE TABLE' AND t.ENGINE <> 'InnoDB' ORDER BY 1, 2`,
  );
  return rows
    .map(([schema, name, engine, bytes, triggers]) => ({ schema: schema ?? "", name: name ?? "", engine: engine ?? "", bytes: Number(bytes ?? 0), triggers: triggers === "1" }))
    .filter(({ schema }) => !isSystemSchema(schema));
}

/**
 * Why a table cannot be brought along, or null. The copy lacks even the empty file of an ARCHIVE table: it is made anew there, and its triggers would go with the old one.
 * What MERGE and FEDERATED show are rows of other tables.
 */
export function whyNotDumped({ engine, triggers }: OtherTable): string | null {
  if (!DUMPED.has(engine.toLowerCase())) return engine;
  return engine.toLowerCase() === "archive" && triggers ? `${engine} with triggers` : null;
}
