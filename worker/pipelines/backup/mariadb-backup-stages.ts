import type { Coordinate, Inventory } from "#lib/contract/manifest/manifest.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { fingerprintAll } from "#worker/engines/fingerprint/fingerprint-all.ts";
import { collectInventory } from "#worker/engines/inventory/collect-inventory.ts";
import { countRows } from "#worker/engines/inventory/count-rows.ts";
import { copyCoordinate } from "#worker/engines/mariadb-backup/copy-coordinate.ts";
import { type CopiedFiles, copyFiles } from "#worker/engines/mariadb-backup/copy-files.ts";
import { takeNotes } from "#worker/engines/mariadb-backup/copy-notes.ts";
import { type Sandbox, startSandbox } from "#worker/engines/sandbox/sandbox.ts";
import { availableMemory, cores, sandboxSizes } from "#worker/engines/sandbox/sizing.ts";
import { connect } from "#worker/engines/server/connect.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { type CloneJob, type CloneResult, dumpClone, REDO_BYTES, withStreamsOf } from "./clone-stages.ts";
import { CopyPacking } from "./copy-packing.ts";

const FLAVOR = "mariadb";

interface Taken extends CopiedFiles {
  readonly coordinate: Coordinate | null;
}

/**
 * A physical full of MariaDB, by the stages of a clone: `mariadb-backup` copies the files and brings them to one point → an isolated server started on them says what they
 * hold, and is dumped where the policy wants both → stopped, packed into sealed archives. The copy is gone afterwards, whatever happens.
 */
export async function mariadbBackupStages(context: RunContext, host: HostRuntime, job: CloneJob): Promise<CloneResult> {
  let taken: Taken | undefined;
  const { physical, account } = job.ground;
  const sandbox = await context.stage("clone", () =>
    startSandbox({
      tools: job.client,
      flavor: FLAVOR,
      folder: host.folders.sandbox,
      source: job.server,
      signal: context.signal,
      purpose: `copy ${context.runId}`,
      dataBytes: physical.bytes,
      log: (level, text) => context.log(level, text),
      filled: {
        ...physical,
        account,
        redoCapacity: REDO_BYTES,
        async fill(data) {
          taken = await takeCopy(context, job, data);
        },
      },
    }),
  );
  const packing = new CopyPacking(context, host, job);
  try {
    packing.whileRead(sandbox.data);
    const { snapshotAt = 0, lockHeldMs = 0, coordinate = null } = taken ?? {};
    context.log("info", `the copy stands at ${coordinate ? `${coordinate.file}:${coordinate.position}` : "no binary log"}; commits were held for ${lockHeldMs} ms`);
    const inventory = await context.stage("inventory", () => readCopy(context, job, sandbox));
    const sql = job.policy.alsoDump ? await context.stage("dump", () => dumpClone(context, host, job, sandbox, undefined)) : undefined;
    const packed = await context.stage("seal", () => packing.finish(sandbox));
    return { ...packed, coordinate, snapshotAt, lockHeldMs, inventory: sql ? withStreamsOf(sql.inventory, undefined) : inventory, ...(sql ? { sql } : {}) };
  } finally {
    await packing.end();
    await sandbox.destroy();
  }
}

async function takeCopy(context: RunContext, job: CloneJob, data: string): Promise<Taken> {
  const { access, client, policy, ground, streams } = job;
  const program = client.mariadbBackup;
  if (!program) throw new Fault("TOOL_MISSING", { params: { tool: "mariadb-backup" } });
  const bytesTotal = ground.physical.bytes;
  const copied = await copyFiles(
    {
      program,
      access,
      account: ground.account,
      streams: Math.min(4, streams),
      lockTimeoutSeconds: policy.lockTimeoutSeconds,
      memory: sandboxSizes(bytesTotal, availableMemory(), cores()).bufferPool,
      signal: context.signal,
      now: () => context.clock.now(),
      onProgress: ({ bytesDone, item }) => context.progress({ stage: "clone", bytesDone, bytesTotal: Math.max(bytesDone, bytesTotal), item }),
    },
    data,
  );
  const source = await connect(access);
  try {
    return { ...copied, coordinate: await copyCoordinate(source, await takeNotes(data)) };
  } finally {
    source.destroy();
  }
}

/** What the copy holds, from a server that nobody else reaches. What is dumped as well is counted there. */
async function readCopy(context: RunContext, job: CloneJob, sandbox: Sandbox): Promise<Inventory> {
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
