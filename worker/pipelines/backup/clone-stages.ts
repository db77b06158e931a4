import { link, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Connection } from "mysql2/promise";
import type { PolicyConfig } from "#lib/contract/config/policy.ts";
import type { Artifact, Coordinate, Inventory, PhysicalFiles, SourceServer } from "#lib/contract/manifest/manifest.ts";
import { cloneCoordinate } from "#worker/engines/clone/clone-coordinate.ts";
import { cloneLocal } from "#worker/engines/clone/clone-local.ts";
import { type HeldTables, holdTables } from "#worker/engines/clone/held-tables.ts";
import { remakeTables } from "#worker/engines/clone/remake-tables.ts";
import { ArtifactSink } from "#worker/engines/dump/artifact-sink.ts";
import { fingerprintAll } from "#worker/engines/fingerprint/fingerprint-all.ts";
import { collectInventory } from "#worker/engines/inventory/collect-inventory.ts";
import { countRows } from "#worker/engines/inventory/count-rows.ts";
import { tableKey, withTables } from "#worker/engines/inventory/on-connections.ts";
import { type Sandbox, startSandbox } from "#worker/engines/sandbox/sandbox.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import type { FileCompression } from "#worker/streams/compression.ts";
import type { CloneReady } from "./clone-ground.ts";
import { setTriggersAside } from "./aside-triggers.ts";
import { CopyPacking } from "./copy-packing.ts";
import { dumpStage } from "./dump-stage.ts";
import { dumpOtherRows, type OtherRows, requireSameTables, withOtherRows } from "./other-rows.ts";
import { receiveClone } from "./receive-clone.ts";
import type { GentleReading } from "./gentle-reading.ts";

/** A small redo log keeps the archive small; a server started on it enlarges it again. */
export const REDO_BYTES = 8 * 1024 * 1024;

/** Rows are read once from end to end: more memory for pages would only be taken from the server that is backed up. */
const COUNTING_BYTES = 256 * 1024 * 1024;

/** Below the set's spool folder. */
const TWIN_FOLDER = "sql";

export interface CloneJob {
  readonly access: ServerAccess;
  readonly server: SourceServer;
  readonly client: ClientTools;
  readonly policy: PolicyConfig;
  readonly ground: CloneReady;
  /** Spool folder of the set. */
  readonly folder: string;
  readonly recipients: readonly string[];
  readonly compression: FileCompression;
  /** Archive parts made at a time, and connections that count. */
  readonly streams: number;
  readonly fingerprints: boolean;
  /** Its rows are counted only. */
  readonly heartbeatSchema?: string | null;
  /** Told each archive part that is whole, while others are still made. */
  readonly onSealed?: ((artifact: Artifact) => void) | undefined;
  /** While the server answers slowly, its host packs nothing. */
  readonly gentle?: GentleReading | undefined;
}

export interface CloneResult {
  readonly artifacts: readonly Artifact[];
  readonly inventory: Inventory;
  readonly coordinate: Coordinate | null;
  readonly snapshotAt: number;
  /** Writers of tables that are not InnoDB, and of no others; milliseconds. */
  readonly lockHeldMs: number;
  readonly physical: PhysicalFiles;
  /** Where the policy wants SQL as well. */
  readonly sql?: SqlTwin;
}

/** A dump of the copy, sealed in a spool folder of its own. */
export interface SqlTwin {
  readonly folder: string;
  readonly artifacts: readonly Artifact[];
  readonly inventory: Inventory;
  /** Dump children. */
  readonly streams: number;
}

/**
 * A physical full: the server copies its files (nobody is held, but for writers of tables that are not InnoDB, whose rows are dumped at the copy's end) → an
 * isolated server started on the copy says where it stands and what it holds, and is dumped where the policy wants both → stopped, packed into sealed
 * archives, of which most are made by then. The copy is gone afterwards, whatever happens.
 */
export async function cloneStages(context: RunContext, host: HostRuntime, job: CloneJob): Promise<CloneResult> {
  let taken: Taken | undefined;
  const sink = newSink(context, host, job, job.folder);
  const packing = new CopyPacking(context, host, job);
  let copy: Sandbox | undefined;
  try {
    const sandbox = await context.stage("clone", () => startCopy(context, host, job, async (data) => {
      packing.whileCopied(data);
      taken = await takeCopy(context, host, job, data, sink);
    }));
    copy = sandbox;
    packing.whileRead(sandbox.data);
    const { snapshotAt = 0, beside } = taken ?? {};
    const { coordinate, inventory } = await context.stage("inventory", () => readClone(context, job, sandbox, beside));
    const sql = job.policy.alsoDump ? await context.stage("dump", () => dumpClone(context, host, job, sandbox, beside)) : undefined;
    const { artifacts, physical } = await context.stage("seal", async () => {
      if (beside) await withConnection(sandbox, (connection) => setTriggersAside(connection, beside.held.tables, sink));
      return packing.finish(sandbox);
    });
    const whole = sql ? withStreamsOf(sql.inventory, beside) : inventory;
    return { artifacts: [...sink.artifacts, ...artifacts], physical, coordinate, snapshotAt, lockHeldMs: beside?.rows.lockHeldMs ?? 0, inventory: whole, ...(sql ? { sql } : {}) };
  } finally {
    await packing.end();
    await copy?.destroy();
  }
}

/** An isolated server on the copy that `fill` makes. */
function startCopy(context: RunContext, host: HostRuntime, job: CloneJob, fill: (data: string) => Promise<void>): Promise<Sandbox> {
  return startSandbox({
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
      ...(job.policy.alsoDump ? {} : { bufferPool: COUNTING_BYTES }),
      fill,
    },
  });
}

interface Taken {
  readonly snapshotAt: number;
  /** Where there are tables whose rows the copy lacks. */
  readonly beside?: Beside | undefined;
}

interface Beside {
  readonly held: HeldTables;
  readonly rows: OtherRows;
}

/** The copy, and beside it the rows of tables that it holds empty: held from shortly before its end until they are dumped. */
async function takeCopy(context: RunContext, host: HostRuntime, job: CloneJob, data: string, sink: ArtifactSink): Promise<Taken> {
  const { access, server, client, policy, ground, streams } = job;
  const onProgress = ({ stage, bytesDone, bytesTotal }: { stage: string; bytesDone: number; bytesTotal: number }): void => context.progress({ stage: "clone", bytesDone, bytesTotal, item: stage.toLowerCase() });
  let held: HeldTables | undefined;
  const hold = async (): Promise<void> => {
    held = await holdTables(access, server, { lockTimeoutSeconds: policy.lockTimeoutSeconds, signal: context.signal });
  };
  const { gentle } = job;
  // Nobody who is held waits for a rate, or for other people's answers.
  const speed = gentle && { get bytesPerSecond() { return held ? null : gentle.bytesPerSecond; } };
  const rate = policy.niceness?.bytesPerSecond;
  try {
    const before = ground.others ? { dataBytes: ground.physical.bytes, run: hold, ...(ground.donor && rate ? { shortBytes: rate } : {}) } : undefined;
    const options = { signal: context.signal, now: () => context.clock.now(), onProgress, before };
    const snapshotAt = ground.donor ? await receiveClone(context, host, { ...job, speed }, ground.donor, data, options) : await cloneLocal(access, data, options);
    return { snapshotAt, ...(held ? { beside: { held, rows: await dumpOtherRows(context, { access, server, client, sink, streams, held }) } } : {}) };
  } finally {
    await held?.end();
  }
}

/** Where the copy stands and what it holds, from a server that nobody else reaches. Takes nothing of production's time. What is dumped as well is counted there. */
async function readClone(context: RunContext, job: CloneJob, sandbox: Sandbox, beside: Beside | undefined): Promise<{ inventory: Inventory; coordinate: Coordinate | null }> {
  const connections = await Promise.all(Array.from({ length: Math.min(4, job.streams) }, () => connect(sandbox.access)));
  const [connection] = connections;
  if (!connection) throw new Error("no connection");
  try {
    const coordinate = await cloneCoordinate(connection, job.server);
    context.log("info", `the copy stands at ${coordinate ? `${coordinate.file}:${coordinate.position}` : "no binary log"}`);
    if (beside) await remakeTables(connection, beside.held.tables, beside.held.definitions);
    const inventory = await collectInventory(connection, { schemas: null, flavor: "mysql", accounts: true });
    const whole = (of: Inventory): Inventory => (beside ? withOtherRows(of, beside, coordinate) : of);
    if (!beside) requireSameTables(inventory, []);
    if (job.policy.alsoDump) return { inventory: whole(inventory), coordinate };
    const walk = { signal: context.signal, onProgress: ({ done, total, schema, table }: { done: number; total: number; schema: string; table: string }) => context.progress({ stage: "inventory", bytesDone: 0, itemsDone: done, itemsTotal: total, item: `${schema}.${table}` }) };
    const counted = job.fingerprints ? await fingerprintAll(connections, inventory, { ...walk, flavor: "mysql", without: job.heartbeatSchema }) : await countRows(connections, inventory, walk);
    return { inventory: whole(counted), coordinate };
  } finally {
    for (const open of connections) open.destroy();
  }
}

/** The parallel dump of the same instant. Rows are hashed in the same pass over the copy, unless the policy never wants it: production does not feel it. */
export async function dumpClone(context: RunContext, host: HostRuntime, job: CloneJob, sandbox: Sandbox, beside: Beside | undefined): Promise<SqlTwin> {
  const { server, client, policy, streams } = job;
  const folder = join(job.folder, TWIN_FOLDER);
  await mkdir(folder, { mode: 0o700 });
  const sink = newSink(context, host, job, folder);
  const { inventory } = await dumpStage(context, { access: sandbox.access, server, client, policy, sink, streams, fingerprints: policy.fingerprints !== "never", heartbeatSchema: job.heartbeatSchema, dumped: beside?.rows });
  // The same sealed rows belong to both sets.
  const shared = beside?.rows.artifacts ?? [];
  for (const { name } of shared) await link(join(job.folder, name), join(folder, name));
  return { folder, artifacts: [...sink.artifacts, ...shared].sort((a, b) => (a.name < b.name ? -1 : 1)), inventory, streams };
}

function newSink(context: RunContext, host: HostRuntime, { compression, recipients }: CloneJob, folder: string): ArtifactSink {
  return new ArtifactSink({ folder, compression, recipients, tools: host.tools, tempDir: host.folders.temp, signal: context.signal });
}

/** Digests of dumped rows belong to the set that holds them: of the SQL, this set holds those of tables that the copy has empty. */
export function withStreamsOf(inventory: Inventory, beside: Beside | undefined): Inventory {
  return withTables(inventory, (schema, { cut: _ranges, ...table }) => ({ ...table, stream: beside?.rows.tables.get(tableKey(schema, table.name))?.stream ?? null }));
}

async function withConnection(sandbox: Sandbox, work: (connection: Connection) => Promise<void>): Promise<void> {
  const connection = await connect(sandbox.access);
  await work(connection).finally(() => connection.destroy());
}
