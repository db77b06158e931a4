import type { Connection } from "mysql2/promise";
import type { Inventory, SchemaEntry, SourceServer } from "#lib/contract/manifest/manifest.ts";
import type { ArtifactPart } from "#lib/domain/backup/artifact-names.ts";
import { mayOmit } from "#lib/domain/backup/partition.ts";
import { quoteName } from "#lib/domain/backup/sql-name.ts";
import { accountStatements } from "#worker/engines/dump/accounts.ts";
import { type ArtifactSink, useLead } from "#worker/engines/dump/artifact-sink.ts";
import { clientLogin } from "#worker/engines/dump/client-login.ts";
import { foreignKeyRepair } from "#worker/engines/dump/foreign-key-lines.ts";
import { eventScript, routineScript, type Script, triggerScript } from "#worker/engines/dump/program-scripts.ts";
import { FRAME_MARK } from "#worker/engines/dump/statement-frame.ts";
import { dumpTableDefinitions } from "#worker/engines/dump/table-definitions.ts";
import { brokenViewComment, checkedViews, viewFinals, viewStubs, viewsWithCheck } from "#worker/engines/dump/view-scripts.ts";
import { listAccounts } from "#worker/engines/inventory/accounts.ts";
import { inCanonicalSession } from "#worker/engines/inventory/canonical-session.ts";
import { type Catalog, openCatalog } from "#worker/engines/inventory/information-schema.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import { abortFault } from "#worker/exec/run.ts";
import type { ClientTools } from "#worker/ports/tools.ts";

export interface DefinitionsJob {
  readonly server: SourceServer;
  readonly client: ClientTools;
  readonly access: ServerAccess;
  readonly sink: ArtifactSink;
  readonly inventory: Inventory;
  /** The coordinator: structure changes are held off as long as it lives. */
  readonly connection: Connection;
  readonly signal: AbortSignal;
}

/** Accounts, then for each schema its tables, routines, views, triggers and events: one artifact each, where there are any. */
export async function dumpDefinitions(job: DefinitionsJob): Promise<void> {
  if (job.inventory.accounts.length > 0) await dumpAccounts(job);
  await inCanonicalSession(job.connection, async () => {
    const catalog = await openCatalog(job.connection, job.server.flavor);
    for (const [index, schema] of job.inventory.schemas.entries()) {
      await dumpTables(job, catalog, schema, index + 1);
      await dumpPrograms(job, catalog, schema, index + 1);
    }
  });
}

/** An empty schema still gets its tables artifact: the lead creates it. */
async function dumpTables(job: DefinitionsJob, catalog: Catalog, schema: SchemaEntry, schemaNumber: number): Promise<void> {
  const expected = schema.tables.map((table) => table.name);
  const names = [...expected, ...schema.sequences.map((sequence) => sequence.name)];
  const label = { schema: schema.name, schemaNumber, lead: createLead(schema) + useLead(schema.name) };
  if (names.length === 0) return (await job.sink.open({ ...label, part: "tables" })).close();
  const repair = await foreignKeyRepair(catalog, schema.name);
  const views = schema.views.map((view) => view.name);
  const unnamed = schema.sequences.length === 0 && mayOmit(schema.name, [...expected, ...views]);
  const login = clientLogin(job.access, job.server.flavor, { ignore: unnamed ? views.map((view) => [schema.name, view] as const) : [] });
  await dumpTableDefinitions(job.sink, { flavor: job.server.flavor, client: job.client, login, unnamed, schema: schema.name, names, expected, repair, label, signal: job.signal });
}

async function dumpPrograms(job: DefinitionsJob, catalog: Catalog, schema: SchemaEntry, schemaNumber: number): Promise<void> {
  const sound = schema.views.filter((view) => !view.broken).map((view) => view.name);
  const checked = sound.length > 0 ? await viewsWithCheck(catalog, schema.name, sound) : [];
  const parts: [part: ArtifactPart, wanted: number, script: () => Script][] = [
    ["routines", schema.procedures.length + schema.functions.length, () => routineScript(catalog, schema)],
    ["viewstubs", sound.length, () => viewStubs(catalog, schema.name, sound)],
    ["views", schema.views.length, () => viewFinals(catalog, schema.name, sound)],
    ["viewchecks", checked.length, () => checkedViews(catalog, schema.name, checked)],
    ["triggers", schema.triggers.length, () => triggerScript(catalog, schema)],
    ["events", schema.events.length, () => eventScript(catalog, schema)],
  ];
  for (const [part, wanted, script] of parts) {
    if (wanted === 0) continue;
    const comments = part === "views" ? await Promise.all(schema.views.filter((view) => view.broken).map((view) => brokenViewComment(catalog, schema.name, view.name, view.broken ?? ""))) : [];
    const artifact = await job.sink.open({ part, schema: schema.name, schemaNumber, lead: useLead(schema.name) + comments.join("") });
    await artifact.writer.write(Buffer.from(FRAME_MARK));
    for await (const piece of script()) {
      if (job.signal.aborted) throw abortFault(job.signal);
      await artifact.writer.write(piece);
    }
    await artifact.close();
  }
}

function createLead(schema: SchemaEntry): string {
  return `CREATE DATABASE IF NOT EXISTS ${quoteName(schema.name)} CHARACTER SET ${schema.characterSet} COLLATE ${schema.collation};\n`;
}

async function dumpAccounts(job: DefinitionsJob): Promise<void> {
  const scripts = await accountStatements(job.connection, job.server.flavor, await listAccounts(job.connection, job.server.flavor));
  for (const part of ["accounts", "grants"] as const) {
    const artifact = await job.sink.open({ part, lead: "" });
    await artifact.writer.write(Buffer.from(scripts[part]));
    await artifact.close();
  }
}
