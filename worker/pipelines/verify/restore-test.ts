import type { Inventory, Manifest } from "#lib/contract/manifest/manifest.ts";
import type { Difference, RestoreTest } from "#lib/contract/manifest/verification.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { checkTables } from "#worker/engines/checks/check-tables.ts";
import { readViews } from "#worker/engines/checks/read-views.ts";
import { requireAssertionSchemas, runAssertions } from "#worker/engines/checks/run-assertions.ts";
import { digestTables } from "#worker/engines/dump/digest-tables.ts";
import { readAs, sizedTables, withDigests } from "#worker/engines/dump/dumped-tables.ts";
import { fingerprintAll } from "#worker/engines/fingerprint/fingerprint-all.ts";
import { collectInventory } from "#worker/engines/inventory/collect-inventory.ts";
import { compareInventory } from "#worker/engines/inventory/compare-inventory.ts";
import { countRows } from "#worker/engines/inventory/count-rows.ts";
import { withTables } from "#worker/engines/inventory/on-connections.ts";
import { loadSet } from "#worker/engines/load/load-set.ts";
import { explainByDeath } from "#worker/engines/sandbox/explain-death.ts";
import { type Sandbox, startSandbox } from "#worker/engines/sandbox/sandbox.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { loadableArtifacts } from "#worker/pipelines/catalog/loadable-artifacts.ts";
import { noteRate } from "#worker/host/road-rates.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { StoredSet } from "#worker/pipelines/catalog/read-set.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import { assertionsOf, schemasWithTables } from "./own-checks.ts";

const WORKERS = 3;
/** A verdict names this many differences; the count of all stands in its log. */
const NAMED_DIFFERENCES = 500;

/** Restores a set into a throw-away server and compares it with its manifest. The server and its files are gone afterwards, whatever happens. */
export async function restoreTest(context: RunContext, host: HostRuntime, set: StoredSet): Promise<RestoreTest> {
  const { manifest } = set.signed;
  const tools = host.tools.clients[manifest.server.flavor];
  if (!tools?.mysqld) throw new Fault("TOOL_MISSING", { params: { tool: manifest.server.flavor === "mysql" ? "mysqld" : "mariadbd" } });
  const startedAt = context.clock.now();
  const began = performance.now();
  const stages: { name: string; seconds: number }[] = [];
  const sandbox = await context.stage("sandbox", () =>
    startSandbox({
      tools,
      flavor: manifest.server.flavor,
      folder: host.folders.sandbox,
      user: host.config.sandboxUser,
      source: manifest.server,
      signal: context.signal,
      purpose: `restore test ${manifest.id}`,
      dataBytes: manifest.inventory.schemas.reduce((sum, schema) => sum + schema.tables.reduce((n, table) => n + table.dataBytes, 0), 0),
      log: (level, text) => context.log(level, text),
    }),
  );
  try {
    stages.push({ name: "sandbox", seconds: seconds(began) });
    await requireAssertionSchemas(sandbox.access, assertionsOf(host, manifest.server.name), schemasWithTables(manifest.inventory));
    const report = await context.stage("load", async () => {
      const loadBegan = performance.now();
      const artifacts = await loadableArtifacts(host, set, context.signal);
      const loaded = await loadSet({
        target: { access: sandbox.access, flavor: manifest.server.flavor, tools, signal: context.signal, skipBinlog: true },
        artifacts,
        mode: "throw-away",
        workers: WORKERS,
        tableSize: tableSizes(manifest),
        onProgress: (progress) => context.progress({ stage: "load", bytesDone: progress.bytesDone, bytesTotal: progress.bytesTotal, itemsDone: progress.tablesDone, itemsTotal: progress.tablesTotal, item: progress.item }),
      });
      noteRate(host, "load", artifacts.reduce((sum, { bytes }) => sum + bytes, 0), (performance.now() - loadBegan) / 1000);
      return loaded;
    });
    stages.push(...report.stages.map((stage) => ({ name: stage.name, seconds: Math.round(stage.seconds * 1000) / 1000 })));
    const restoreSeconds = seconds(began);
    const compareBegan = performance.now();
    const { differences, compared } = await context.stage("compare", () => compare(context, host, manifest, sandbox, tools));
    stages.push({ name: "compare", seconds: seconds(compareBegan) });
    if (differences.length > 0) context.log("error", `${differences.length} differences`);
    return {
      runId: context.runId,
      startedAt: new Date(startedAt).toISOString(),
      finishedAt: new Date(context.clock.now()).toISOString(),
      host: host.config.host,
      serverVersion: sandbox.version,
      destination: set.destination.id,
      restoreSeconds,
      stages,
      compared,
      differences: differences.slice(0, NAMED_DIFFERENCES),
      verdict: differences.length === 0 ? "proven" : "refused",
    };
  } catch (error) {
    throw context.signal.aborted ? error : await explainByDeath(sandbox, error);
  } finally {
    await sandbox.destroy();
  }
}

/** Structure, counts, rows as they dump again, fingerprints where taken, server's own checks, views, the user's assertions. */
async function compare(context: RunContext, host: HostRuntime, manifest: Manifest, sandbox: Sandbox, tools: ClientTools): Promise<Pick<RestoreTest, "compared" | "differences">> {
  const { flavor } = manifest.server;
  const wholeServer = manifest.schemas === null;
  const config = host.settings.servers.find((server) => server.name === manifest.server.name);
  const connections = await Promise.all([1, 2].map(() => connect(sandbox.access)));
  const [connection] = connections;
  if (!connection) throw new Fault("SANDBOX_FAILED", { params: { message: "no connection" } });
  try {
    const structure = await collectInventory(connection, { schemas: null, flavor, accounts: wholeServer });
    const walk = { signal: context.signal, flavor };
    const counted = hasFingerprints(manifest.inventory) ? await fingerprintAll(connections, structure, walk) : await countRows(connections, structure, walk);
    const asDumped = readAs(manifest.inventory, counted);
    const tables = sizedTables(asDumped.schemas);
    let bytes = 0;
    const streams = await digestTables({
      access: sandbox.access,
      flavor,
      client: tools,
      tables,
      streams: 2,
      neverWhole: new Set(counted.schemas.filter((schema) => schema.views.some((view) => view.broken ?? view.unreadable)).map((schema) => schema.name)),
      signal: context.signal,
      onBytes(more, item) {
        bytes += more;
        context.progress({ stage: "compare", bytesDone: bytes, item });
      },
    });
    const found: Inventory = {
      ...withTables(asDumped, (schema, table) => withDigests(schema, table, streams)),
      accounts: counted.accounts.filter((account) => !account.name.startsWith(`${sandbox.access.user}@`)),
    };
    const expected = manifest.inventory;
    const checks = [
      await checkTables(connections, found, { critical: config?.criticalTables ?? [], signal: context.signal }),
      await readViews(connection, expected),
    ];
    const assertions = await runAssertions(sandbox.access, assertionsOf(host, manifest.server.name), schemasWithTables(expected));
    const all = expected.schemas.flatMap((schema) => schema.tables);
    const differences: Difference[] = [...compareInventory(expected, found, { loadedAt: serverTime(context.clock.now()) }), ...checks.flatMap((check) => check.differences), ...assertions.differences];
    return {
      differences,
      compared: {
        tables: all.length,
        rows: all.reduce((n, table) => n + table.rows, 0),
        streams: all.filter((table) => table.stream !== null || table.cut).length,
        fingerprints: all.filter((table) => table.fingerprint !== null).length,
        objects: expected.schemas.reduce((n, schema) => n + schema.views.length + schema.procedures.length + schema.functions.length + schema.triggers.length + schema.events.length, 0),
        accounts: expected.accounts.length,
        assertions: assertions.checked,
      },
    };
  } finally {
    for (const open of connections) open.destroy();
  }
}

function hasFingerprints(inventory: Inventory): boolean {
  return inventory.schemas.some((schema) => schema.tables.some((table) => table.fingerprint !== null));
}

function tableSizes(manifest: Manifest): (schema: string, table: string) => { rows: number; dataBytes: number } | null {
  const sizes = new Map(manifest.inventory.schemas.flatMap((schema) => schema.tables.map((table) => [`${schema.name}\0${table.name}`, { rows: table.rows, dataBytes: table.dataBytes }] as const)));
  return (schema, table) => sizes.get(`${schema}\0${table}`) ?? null;
}

function seconds(since: number): number {
  return Math.round(performance.now() - since) / 1000;
}

/** `YYYY-MM-DD hh:mm:ss`, UTC. */
function serverTime(now: number): string {
  return new Date(now).toISOString().slice(0, 19).replace("T", " ");
}
