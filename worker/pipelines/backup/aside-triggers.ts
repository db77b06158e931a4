import type { Connection } from "mysql2/promise";
import { quotePath } from "#lib/domain/backup/sql-name.ts";
import type { OtherTable } from "#worker/engines/clone/other-tables.ts";
import { type ArtifactSink, useLead } from "#worker/engines/dump/artifact-sink.ts";
import { oneTrigger, triggersOf } from "#worker/engines/dump/program-scripts.ts";
import { FRAME_MARK } from "#worker/engines/dump/statement-frame.ts";
import { inCanonicalSession } from "#worker/engines/inventory/canonical-session.ts";
import { openCatalog } from "#worker/engines/inventory/information-schema.ts";
import { userSchemas } from "#worker/engines/inventory/user-schemas.ts";

/**
 * Takes the triggers of these tables out of a copy and into artifacts: rows that are loaded into started files would fire them a second time. They are given
 * back behind the rows, as in every dump. For a server that nobody else reaches.
 */
export async function setTriggersAside(connection: Connection, tables: readonly OtherTable[], sink: ArtifactSink): Promise<void> {
  const wanted = new Set(tables.filter(({ triggers }) => triggers).map(({ schema, name }) => `${schema}\0${name}`));
  if (wanted.size === 0) return;
  await inCanonicalSession(connection, async () => {
    const catalog = await openCatalog(connection, "mysql");
    for (const [index, schema] of (await userSchemas(connection, null)).entries()) {
      const triggers = (await triggersOf(catalog, schema.name)).filter(({ table }) => wanted.has(`${schema.name}\0${table}`));
      if (triggers.length === 0) continue;
      const artifact = await sink.open({ part: "triggers", schema: schema.name, schemaNumber: index + 1, lead: useLead(schema.name) });
      await artifact.writer.write(Buffer.from(FRAME_MARK));
      for (const { name } of triggers) for await (const piece of oneTrigger(catalog, schema, name)) await artifact.writer.write(piece);
      await artifact.close();
      for (const { name } of triggers) await connection.query(`DROP TRIGGER ${quotePath(schema.name, name)}`);
    }
  });
}
