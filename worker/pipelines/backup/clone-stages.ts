import type { PolicyConfig } from "#lib/contract/config/policy.ts";
import type { Artifact, Coordinate, Inventory, PhysicalFiles, SourceServer } from "#lib/contract/manifest/manifest.ts";
import { balanceFiles } from "#lib/domain/backup/balance-files.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { cloneCoordinate } from "#worker/engines/clone/clone-coordinate.ts";
import { cloneLocal } from "#worker/engines/clone/clone-local.ts";
import { listDataFiles } from "#worker/engines/files/data-files.ts";
import { packFiles } from "#worker/engines/files/pack-files.ts";
import { fingerprintAll } from "#worker/engines/fingerprint/fingerprint-all.ts";
import { collectInventory } from "#worker/engines/inventory/collect-inventory.ts";
import { countRows } from "#worker/engines/inventory/count-rows.ts";
import { dropGuest } from "#worker/engines/sandbox/accounts.ts";
import { type Sandbox, startSandbox } from "#worker/engines/sandbox/sandbox.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import type { CloneReady } from "./clone-ground.ts";
import { settledAll } from "./settled-all.ts";

/** A small redo log keeps the archive small; a server started on it enlarges it again. */
const REDO_BYTES = 8 * 1024 * 1024;

/** All that recovery changed is written then. */
const SHUTDOWN_MS = 3_600_000;

export interface CloneJob {
  readonly access: ServerAccess;
  readonly server: SourceServer;
  readonly client: ClientTools;
  readonly policy: PolicyConfig;
  readonly ground: CloneReady;
  /** Spool folder of the set. */
  readonly folder: string;
  readonly recipients: readonly string[];
  /** Archive parts, and connections that count. */
  readonly streams: number;
  readonly fingerprints: boolean;
}

export interface CloneResult {
  readonly artifacts: readonly Artifact[];
  readonly inventory: Inventory;
  readonly coordinate: Coordinate | null;
  readonly snapshotAt: number;
  readonly physical: PhysicalFiles;
}

/**
 * A physical full: the server copies its files (nobody is held) → an isolated server started on the copy says where it stands and what it holds →
 * stopped, packed into sealed archives. The copy is gone afterwards, whatever happens.
 */
export async function cloneStages(context: RunContext, host: HostRuntime, job: CloneJob): Promise<CloneResult> {
  let snapshotAt = 0;
  const sandbox = await context.stage("clone", () =>
    startSandbox({
      tools: job.client,
      flavor: "mysql",
      folder: host.folders.sandbox,
      source: job.server,
      signal: context.signal,
      purpose: `clone ${context.runId}`,
      dataBytes: job.ground.physical.bytes,
      log: (level, text) => context.log(level, text),
      filled: {
        ...job.ground.physical,
        account: job.ground.account,
        redoCapacity: REDO_BYTES,
        async fill(data) {
          const onProgress = ({ stage, bytesDone, bytesTotal }: { stage: string; bytesDone: number; bytesTotal: number }): void => context.progress({ stage: "clone", bytesDone, bytesTotal, item: stage.toLowerCase() });
          snapshotAt = await cloneLocal(job.access, data, { signal: context.signal, now: () => context.clock.now(), onProgress });
        },
      },
    }),
  );
  try {
    const found = await context.stage("inventory", () => readClone(context, job, sandbox));
    const packed = await context.stage("seal", () => packClone(context, host, job, sandbox));
    return { ...found, ...packed, snapshotAt };
  } finally {
    await sandbox.destroy();
  }
}

/** What the copy holds and where it stands, from a server that nobody else reaches. Takes nothing of production's time. */
async function readClone(context: RunContext, job: CloneJob, sandbox: Sandbox): Promise<{ inventory: Inventory; coordinate: Coordinate | null }> {
  const connections = await Promise.all(Array.from({ length: Math.min(4, job.streams) }, () => connect(sandbox.access)));
  const [connection] = connections;
  if (!connection) throw new Error("no connection");
  try {
    const coordinate = await cloneCoordinate(connection, job.server);
    context.log("info", `the copy stands at ${coordinate ? `${coordinate.file}:${coordinate.position}` : "no binary log"}`);
    const listed = await collectInventory(connection, { schemas: null, flavor: "mysql", accounts: true });
    const inventory = { ...listed, accounts: listed.accounts.filter(({ name }) => !name.startsWith(`${sandbox.access.user}@`)) };
    const walk = { signal: context.signal, onProgress: ({ done, total, schema, table }: { done: number; total: number; schema: string; table: string }) => context.progress({ stage: "inventory", bytesDone: 0, itemsDone: done, itemsTotal: total, item: `${schema}.${table}` }) };
    const counted = job.fingerprints ? await fingerprintAll(connections, inventory, { ...walk, flavor: "mysql" }) : await countRows(connections, inventory, walk);
    await dropGuest(connection);
    return { inventory: counted, coordinate };
  } finally {
    for (const open of connections) open.destroy();
  }
}

async function packClone(context: RunContext, host: HostRuntime, job: CloneJob, sandbox: Sandbox): Promise<{ artifacts: Artifact[]; physical: PhysicalFiles }> {
  // Files of a server that was killed are not whole: it wrote without safeguards.
  if (!(await sandbox.stop(SHUTDOWN_MS))) throw new Fault("SANDBOX_FAILED", { params: { message: "it did not shut down in order" }, detail: await sandbox.logTail() });
  const { files, folders, bytes } = await listDataFiles(sandbox.data);
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  let done = 0;
  const onBytes = (more: number): void => {
    done += more;
    context.progress({ stage: "seal", bytesDone: done, bytesTotal: Math.max(bytes, done) });
  };
  const { compression } = job.policy;
  const parts = balanceFiles(files, job.streams).map((share, index) =>
    packFiles({ data: sandbox.data, folder: job.folder, part: index + 1, files: share, folders: index === 0 ? folders : [], compression, recipients: job.recipients, tools: host.tools, tempDir: host.folders.temp, signal, onBytes }),
  );
  const artifacts = await settledAll(parts, (reason) => stop.abort(reason));
  const { pageSize, dataFilePath } = job.ground.physical;
  return { artifacts, physical: { files: files.length, bytes, pageSize, dataFilePath } };
}
