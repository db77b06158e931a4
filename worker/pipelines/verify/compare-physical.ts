import type { Inventory, Manifest, SourceServer } from "#lib/contract/manifest/manifest.ts";
import type { Difference, RestoreTest } from "#lib/contract/manifest/verification.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { digestTables } from "#worker/engines/dump/digest-tables.ts";
import { checkTables } from "#worker/engines/checks/check-tables.ts";
import { readViews } from "#worker/engines/checks/read-views.ts";
import { fingerprintAll } from "#worker/engines/fingerprint/fingerprint-all.ts";
import { collectInventory } from "#worker/engines/inventory/collect-inventory.ts";
import { compareInventory } from "#worker/engines/inventory/compare-inventory.ts";
import { countRows } from "#worker/engines/inventory/count-rows.ts";
import { tableKey, withTables } from "#worker/engines/inventory/on-connections.ts";
import { textRows } from "#worker/engines/inventory/information-schema.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";

const CONNECTIONS = 2;

type Comparison = Pick<RestoreTest, "compared" | "differences">;

/**
 * A server started on unpacked files, compared with what was recorded at the snapshot: every definition and account, counts (hashes where they were taken),
 * GTIDs, the server's own check of each table, views.
 */
export async function comparePhysical(context: RunContext, host: HostRuntime, manifest: Manifest, access: ServerAccess, stage: string): Promise<Comparison> {
  const recorded = await compareRecorded(context, host, manifest, access, stage);
  const sound = await checkSound(host, manifest.server, access, manifest.inventory);
  return { differences: [...recorded.differences, ...sound.differences], compared: recorded.compared };
}

/** The part of it that the manifest tells: definitions, accounts, counts or hashes, GTIDs, and of tables that are not InnoDB the digests of their rows. No table is checked. */
export async function compareRecorded(context: RunContext, host: HostRuntime, manifest: Manifest, access: ServerAccess, stage: string): Promise<Comparison> {
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => connect(access)));
  const [connection] = connections;
  if (!connection) throw new Fault("SANDBOX_FAILED", { params: { message: "no connection" } });
  try {
    const expected = manifest.inventory;
    const { flavor } = manifest.server;
    const structure = await collectInventory(connection, { schemas: null, flavor, accounts: true });
    const walk = { signal: context.signal, onProgress: ({ done, total, schema, table }: { done: number; total: number; schema: string; table: string }) => context.progress({ stage, bytesDone: 0, itemsDone: done, itemsTotal: total, item: `${schema}.${table}` }) };
    const hashed = expected.schemas.some((schema) => schema.tables.some((table) => table.fingerprint !== null));
    const counted = hashed ? await fingerprintAll(connections, structure, { ...walk, flavor }) : await countRows(connections, structure, walk);
    // Files of MariaDB do not tell: there the binary log's own state does, which is no part of them.
    const [executed] = flavor === "mysql" ? await textRows(connection, "SELECT @@GLOBAL.gtid_executed") : [];
    const tables = expected.schemas.flatMap((schema) => schema.tables);
    const found = await withDigests(context, host, manifest, access, counted);
    return {
      differences: [...(executed ? gtidDifferences(manifest, executed[0] ?? "") : []), ...compareInventory(expected, found)],
      compared: {
        tables: tables.length,
        rows: tables.reduce((sum, { rows }) => sum + rows, 0),
        streams: tables.filter(({ stream }) => stream !== null).length,
        fingerprints: tables.filter(({ fingerprint }) => fingerprint !== null).length,
        objects: expected.schemas.reduce((sum, { views, procedures, functions, triggers, events }) => sum + views.length + procedures.length + functions.length + triggers.length + events.length, 0),
        accounts: expected.accounts.length,
        assertions: 0,
      },
    };
  } finally {
    for (const open of connections) open.destroy();
  }
}

/** Rows that were dumped beside the files, dumped again. */
async function withDigests(context: RunContext, host: HostRuntime, manifest: Manifest, access: ServerAccess, counted: Inventory): Promise<Inventory> {
  const dumped = manifest.inventory.schemas.flatMap((schema) => schema.tables.flatMap((table) => (table.stream ? [{ schema: schema.name, name: table.name, bytes: table.dataBytes }] : [])));
  const client = host.tools.clients.mysql;
  if (dumped.length === 0 || !client) return counted;
  const there = new Set(counted.schemas.flatMap((schema) => schema.tables.map(({ name }) => tableKey(schema.name, name))));
  const tables = dumped.filter(({ schema, name }) => there.has(tableKey(schema, name)));
  const digests = await digestTables({ access, flavor: "mysql", client, tables, streams: 2, neverWhole: new Set(counted.schemas.map(({ name }) => name)), signal: context.signal });
  return withTables(counted, (schema, table) => ({ ...table, stream: digests.get(tableKey(schema, table.name)) ?? null }));
}

/**
 * What can be said of a server without a record of it: its own check of each table, views that open. `recorded`: views that the source could read; absent = those that are there now.
 */
export async function checkSound(host: HostRuntime, server: Pick<SourceServer, "name" | "flavor">, access: ServerAccess, recorded?: Inventory): Promise<{ readonly differences: Difference[]; readonly tables: number }> {
  const config = host.settings.servers.find(({ name }) => name === server.name);
  const connection = await connect(access);
  const beside = await connect(access).catch((error: unknown) => {
    connection.destroy();
    throw error;
  });
  try {
    const now = await collectInventory(connection, { schemas: null, flavor: server.flavor, accounts: false });
    const checked = await checkTables([connection, beside], now, { critical: config?.criticalTables ?? [] });
    const views = await readViews(connection, recorded ?? now);
    return { differences: [...checked.differences, ...views.differences], tables: checked.checked };
  } finally {
    connection.destroy();
    beside.destroy();
  }
}

/** Fault VERIFICATION_FAILED with the list of differences, where there is one. */
export function requireNone(differences: readonly Difference[]): void {
  const [first] = differences;
  if (!first) return;
  throw new Fault("VERIFICATION_FAILED", {
    params: { difference: `${first.kind} ${first.object}: expected ${first.expected}, found ${first.found}` },
    detail: differences.slice(0, 500).map((item) => `${item.kind}\t${item.object}\t${item.expected}\t${item.found}`).join("\n"),
  });
}

function gtidDifferences({ coordinate }: Manifest, executed: string): Difference[] {
  const [expected, found] = [coordinate?.gtidSet ?? "", executed.replace(/\s+/g, "")];
  return coordinate === null || expected === found ? [] : [{ kind: "structure", object: "gtid_executed", expected, found }];
}
