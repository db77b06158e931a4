import { join } from "node:path";
import type { Coordinate, Inventory, LogPositions } from "#lib/contract/manifest/manifest.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { fingerprintAll } from "#worker/engines/fingerprint/fingerprint-all.ts";
import { collectInventory } from "#worker/engines/inventory/collect-inventory.ts";
import { countRows } from "#worker/engines/inventory/count-rows.ts";
import { copyCoordinate } from "#worker/engines/mariadb-backup/copy-coordinate.ts";
import { type CopiedFiles, copyFiles } from "#worker/engines/mariadb-backup/copy-files.ts";
import { readNotes } from "#worker/engines/mariadb-backup/copy-notes.ts";
import type { ToolJob } from "#worker/engines/mariadb-backup/run-tool.ts";
import { makePlace, wipe } from "#worker/engines/sandbox/place.ts";
import { type Sandbox, startSandbox } from "#worker/engines/sandbox/sandbox.ts";
import { connect } from "#worker/engines/server/connect.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { type CloneJob, REDO_BYTES } from "./clone-stages.ts";

const FLAVOR = "mariadb";

/** Where copied files stand. */
export interface Taken extends CopiedFiles {
  readonly coordinate: Coordinate | null;
  readonly lsn: LogPositions;
}

/** A folder beside isolated servers, for a copy that belongs to the server's own account: gone with the run, whatever happens. */
export async function withCopyFolder<T>(host: HostRuntime, { ground }: CloneJob, work: (copy: string) => Promise<T>): Promise<T> {
  const place = await makePlace(host.folders.sandbox, ground.account);
  try {
    return await work(join(place.folder, "data"));
  } finally {
    await wipe(place);
  }
}

/** Who runs `mariadb-backup`, on whose files. Fault TOOL_MISSING. */
export function toolOf(context: RunContext, { client, access, ground }: CloneJob): ToolJob {
  const program = client.mariadbBackup;
  if (!program) throw new Fault("TOOL_MISSING", { params: { tool: "mariadb-backup" } });
  return { program, account: ground.account, server: access.name, signal: context.signal };
}

/** Copies all files, or the pages that changed `since` a place in the redo log, with the program's notes. */
export async function takeCopy(context: RunContext, job: CloneJob, data: string, since?: string): Promise<Taken> {
  const { access, policy, ground, streams } = job;
  const { bytes } = ground.physical;
  const copied = await copyFiles(
    {
      ...toolOf(context, job),
      access,
      streams: Math.min(4, streams),
      lockTimeoutSeconds: policy.lockTimeoutSeconds,
      since,
      now: () => context.clock.now(),
      // How many pages changed, nobody knows before.
      onProgress: ({ bytesDone, item }) => context.progress({ stage: "clone", bytesDone, ...(since === undefined ? { bytesTotal: Math.max(bytesDone, bytes) } : {}), item }),
    },
    data,
  );
  const { place, lsn } = await readNotes(data);
  const source = await connect(access);
  try {
    const coordinate = await copyCoordinate(source, place);
    context.log("info", `the copy stands at ${coordinate ? `${coordinate.file}:${coordinate.position}` : "no binary log"}, redo log ${lsn.to}; commits were held for ${copied.lockHeldMs} ms`);
    return { ...copied, coordinate, lsn };
  } finally {
    source.destroy();
  }
}

/** An isolated server on files that `fill` brings. */
export function startCopy(context: RunContext, host: HostRuntime, job: CloneJob, fill: (data: string) => Promise<void>): Promise<Sandbox> {
  const { physical, account } = job.ground;
  return startSandbox({
    tools: job.client,
    flavor: FLAVOR,
    folder: host.folders.sandbox,
    source: job.server,
    signal: context.signal,
    purpose: `copy ${context.runId}`,
    dataBytes: physical.bytes,
    log: (level, text) => context.log(level, text),
    filled: { ...physical, account, redoCapacity: REDO_BYTES, fill },
  });
}

/** What the copy holds, from a server that nobody else reaches. What is dumped as well is counted there. */
export async function readCopy(context: RunContext, job: CloneJob, sandbox: Sandbox): Promise<Inventory> {
  const connections = await Promise.all(Array.from({ length: Math.min(4, job.streams) }, () => connect(sandbox.access)));
  const [connection] = connections;
  if (!connection) throw new Error("no connection");
  try {
    const inventory = await collectInventory(connection, { schemas: null, flavor: FLAVOR, accounts: true });
    if (job.policy.alsoDump) return inventory;
    const walk = { signal: context.signal, onProgress: ({ done, total, schema, table }: { done: number; total: number; schema: string; table: string }) => context.progress({ stage: "inventory", bytesDone: 0, itemsDone: done, itemsTotal: total, item: `${schema}.${table}` }) };
    return job.fingerprints ? await fingerprintAll(connections, inventory, { ...walk, flavor: FLAVOR, without: job.heartbeatSchema }) : await countRows(connections, inventory, walk);
  } finally {
    for (const open of connections) open.destroy();
  }
}
