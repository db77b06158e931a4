import type { RestoreTest } from "#lib/contract/manifest/verification.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { runAssertions } from "#worker/engines/checks/run-assertions.ts";
import { startSandbox } from "#worker/engines/sandbox/sandbox.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import { requireRoom } from "#worker/host/require-room.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { copiesUntold } from "#worker/pipelines/catalog/any-copy.ts";
import type { StoredSet } from "#worker/pipelines/catalog/read-set.ts";
import { loadOtherRows } from "#worker/pipelines/catalog/load-other-rows.ts";
import { physicalOf, requireUnpackPrograms, unpackedBytes, unpackSet } from "#worker/pipelines/catalog/unpack-set.ts";
import { comparePhysical } from "./compare-physical.ts";
import { assertionsOf, schemasWithTables } from "./own-checks.ts";

/** Beside the files: redo log, undo, temporary tables of the isolated server. Bytes. */
const MARGIN = 512 * 1024 * 1024;
const NAMED_DIFFERENCES = 500;

/**
 * Unpacks a physical set, starts an isolated server on it and compares that with the manifest. `restoreSeconds` is the time to a server that answers.
 * Server and files are gone afterwards, whatever happens. Faults: PHYSICAL_SERIES, TOOL_MISSING, DISK_SPACE, SANDBOX_FAILED, those of {@link unpackSet}.
 */
export async function physicalTest(context: RunContext, host: HostRuntime, set: StoredSet): Promise<RestoreTest> {
  const { manifest } = set.signed;
  const { flavor } = manifest.server;
  const { pageSize, dataFilePath, undoTablespaces, bytes } = physicalOf(manifest);
  const tools = host.tools.clients[flavor];
  if (!tools) throw new Fault("TOOL_MISSING", { params: { tool: flavor === "mysql" ? "mysqld" : "mariadbd" } });
  const startedAt = context.clock.now();
  const began = performance.now();
  const stages: { name: string; seconds: number }[] = [];
  await context.stage("sandbox", async () => {
    await requireUnpackPrograms(host, manifest);
    await requireRoom(host.folders.sandbox, unpackedBytes(manifest) + MARGIN);
  });
  const unpackBegan = performance.now();
  const sandbox = await context.stage("load", () =>
    startSandbox({
      tools,
      flavor,
      folder: host.folders.sandbox,
      user: host.config.sandboxUser,
      source: manifest.server,
      signal: context.signal,
      purpose: `restore test ${manifest.id}`,
      dataBytes: bytes,
      log: (level, text) => context.log(level, text),
      filled: {
        pageSize,
        dataFilePath,
        undoTablespaces,
        async fill(data, account) {
          await unpackSet(context, host, set, { data, account, stage: "load", from: { copies: copiesUntold(host), destinations: [set.destination] } });
          stages.push({ name: "unpack", seconds: seconds(unpackBegan) });
        },
      },
    }),
  );
  try {
    stages.push({ name: "start", seconds: Math.round((seconds(unpackBegan) - (stages[0]?.seconds ?? 0)) * 1000) / 1000 });
    await loadOtherRows(context, host, set, { access: sandbox.access, stage: "load" });
    const restoreSeconds = seconds(began);
    const compareBegan = performance.now();
    const { differences, compared } = await context.stage("compare", async () => {
      const found = await comparePhysical(context, host, manifest, sandbox.access, "compare");
      const own = await runAssertions(sandbox.access, assertionsOf(host, manifest.server.name), schemasWithTables(manifest.inventory));
      return { differences: [...found.differences, ...own.differences], compared: { ...found.compared, assertions: own.checked } };
    });
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
  } finally {
    await sandbox.destroy();
  }
}

function seconds(since: number): number {
  return Math.round(performance.now() - since) / 1000;
}
