import type { Connection } from "mysql2/promise";
import { quoteName, quotePath } from "#lib/domain/backup/sql-name.ts";
import { tableKey } from "#worker/engines/inventory/on-connections.ts";
import type { OtherTable } from "./other-tables.ts";

/**
 * Makes the empty tables of other engines on a copy what they are on the source: the file that an ARCHIVE table lacks, the counters of MyISAM (those of
 * MEMORY live as long as the server). `definitions`: SHOW CREATE TABLE on the source, keyed `schema\0table`. For a server that nobody else reaches.
 */
export async function remakeTables(connection: Connection, tables: readonly OtherTable[], definitions: ReadonlyMap<string, string>): Promise<void> {
  await connection.query("SET SESSION sql_mode = ''");
  for (const { schema, name, engine } of tables) {
    const create = definitions.get(tableKey(schema, name)) ?? "";
    if (engine.toLowerCase() === "archive") {
      // Without IF EXISTS the missing file is an error.
      await connection.query(`DROP TABLE IF EXISTS ${quotePath(schema, name)}`);
      await connection.query(`USE ${quoteName(schema)}`);
      await connection.query(create);
    } else if (engine.toLowerCase() === "myisam") {
      const next = /^\) .*? AUTO_INCREMENT=(\d+)/m.exec(create)?.[1];
      if (next) await connection.query(`ALTER TABLE ${quotePath(schema, name)} AUTO_INCREMENT = ${next}`);
    }
  }
}
