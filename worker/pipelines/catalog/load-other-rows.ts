import { Fault } from "#lib/domain/fault/fault.ts";
import { loadSet } from "#worker/engines/load/load-set.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { Fetching } from "./fetch-artifact.ts";
import { loadableArtifacts } from "./loadable-artifacts.ts";
import type { StoredSet } from "./read-set.ts";

const WORKERS = 2;

/**
 * Loads into a server that was started on a set's data files what these hold empty: rows of tables that are not InnoDB. Nothing to do for most sets.
 * `fetching`: as {@link loadableArtifacts} takes it. Faults: LOAD_FAILED, TOOL_MISSING, those of the artifacts.
 */
export async function loadOtherRows(context: RunContext, host: HostRuntime, set: StoredSet, to: { readonly access: ServerAccess; readonly stage: string; readonly fetching?: Fetching }): Promise<void> {
  const { manifest } = set.signed;
  // Triggers come behind the rows: rows must not fire them.
  const rows = manifest.artifacts.filter(({ role }) => role === "data" || role === "triggers");
  if (manifest.method !== "clone" || rows.length === 0) return;
  const tools = host.tools.clients.mysql;
  if (!tools) throw new Fault("TOOL_MISSING", { params: { tool: "mysql" } });
  const artifacts = (await loadableArtifacts(host, set, context.signal, to.fetching)).filter(({ name }) => rows.some((artifact) => artifact.name === name));
  await loadSet({
    target: { access: to.access, flavor: "mysql", tools, signal: context.signal, skipBinlog: true },
    artifacts,
    mode: "new-schemas",
    workers: WORKERS,
    tableSize: (schema, table) => manifest.inventory.schemas.find(({ name }) => name === schema)?.tables.find(({ name }) => name === table) ?? null,
    onProgress: ({ bytesDone, bytesTotal, item }) => context.progress({ stage: to.stage, bytesDone, bytesTotal, item }),
  });
  context.log("info", `rows of ${rows.reduce((sum, { tables = [] }) => sum + tables.length, 0)} tables that are not InnoDB loaded`);
}
