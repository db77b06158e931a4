import type { Connection } from "mysql2/promise";
import type { PolicyConfig } from "#lib/contract/config/policy.ts";
import type { Coordinate, DataStream, Inventory, SourceServer } from "#lib/contract/manifest/manifest.ts";
import { Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { firstSegment, type FullContents, unchangedSince } from "#lib/domain/backup/differential.ts";
import { partitionTables, type SizedTable } from "#lib/domain/backup/partition.ts";
import type { ArtifactSink } from "#worker/engines/dump/artifact-sink.ts";
import { dumpProgram } from "#worker/engines/dump/dump-program.ts";
import { sizedTables, withDigests } from "#worker/engines/dump/dumped-tables.ts";
import { planCuts } from "#worker/engines/dump/plan-cuts.ts";
import { letGo, readCoordinate, SnapshotCoordinator } from "#worker/engines/dump/snapshot.ts";
import { watchWaits } from "#worker/engines/dump/watch-waits.ts";
import { fingerprintAll } from "#worker/engines/fingerprint/fingerprint-all.ts";
import { collectInventory } from "#worker/engines/inventory/collect-inventory.ts";
import { versionedTables } from "#worker/engines/inventory/versioned-tables.ts";
import { countRows } from "#worker/engines/inventory/count-rows.ts";
import { tableKey, withTables } from "#worker/engines/inventory/on-connections.ts";
import { connect, lostConnection, type ServerAccess } from "#worker/engines/server/connect.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import { DataChildren } from "./data-children.ts";
import { dumpDefinitions } from "./definitions.ts";
import type { OtherRows } from "./other-rows.ts";
import type { GentleReading } from "./gentle-reading.ts";
import { settledAll } from "./settled-all.ts";

/** Larger tables than twice this are dumped in ranges of it, unless the policy says otherwise. */
const RANGE_MIB = 512;

/** Counting goes through a table some eight times as fast as its dump: one connection keeps up with several streams, and fills their gaps for longer than two would. */
const STREAMS_PER_COUNT = 4;

export interface DumpJob {
  readonly access: ServerAccess;
  readonly server: SourceServer;
  readonly client: ClientTools;
  readonly policy: PolicyConfig;
  readonly sink: ArtifactSink;
  /** Dump children at once. */
  readonly streams: number;
  /** Hash every row on the source inside the snapshot. */
  readonly fingerprints: boolean;
  /** Its rows are counted only. */
  readonly heartbeatSchema?: string | null;
  /** How production is read; absent: nobody else uses the server. */
  readonly gentle?: GentleReading | undefined;
  /** Differential: the full whose rows are not stored again. */
  readonly base?: FullContents & { readonly inventory: Inventory } | undefined;
  /** Tables that were dumped already: here they stand empty (a server's own copy). */
  readonly dumped?: Pick<OtherRows, "tables" | "nextSegment"> | undefined;
}

export interface DumpResult {
  readonly inventory: Inventory;
  readonly coordinate: Coordinate | null;
  readonly snapshotAt: number;
  readonly lockHeldMs: number;
}

/**
 * One consistent dump: structure held still → inventory → short lock, every child and reader into the snapshot → rows, counts, definitions
 * and fingerprints side by side → proof that nothing is missing and all children stood at one point. Leaves sealed artifacts in the sink; for a
 * differential those of changed tables only, although all are dumped and digested.
 */
export async function dumpStage(context: RunContext, job: DumpJob): Promise<DumpResult> {
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const coordinator = new SnapshotCoordinator(job.access, job.server, {
    lockTimeoutSeconds: job.policy.lockTimeoutSeconds,
    longQuerySeconds: job.policy.longQuerySeconds,
    readers: job.fingerprints ? Math.max(1, Math.min(job.streams, 4)) : Math.ceil(job.streams / STREAMS_PER_COUNT),
    signal,
    onLost: (fault) => stop.abort(fault),
  });
  let unprotected: { readonly inventory: Inventory; readonly scope: Parameters<typeof collectInventory>[1] } | undefined;
  let watch: { stop(): void } | undefined;
  try {
    const { connection, structureLocked } = await coordinator.holdStructure();
    if (!structureLocked && job.server.flavor === "mysql") {
      context.finding("warning", faultRecord(new Fault("SERVER_GRANT_MISSING", { params: { grant: "BACKUP_ADMIN", statement: `GRANT BACKUP_ADMIN ON *.* TO ${job.access.user}` } })));
    }
    const scope = { schemas: job.policy.schemas ?? null, flavor: job.server.flavor, accounts: job.policy.schemas === undefined };
    const found = await collectInventory(connection, scope);
    const inventory = await planCuts(connection, found, { streams: job.streams, rangeBytes: (job.policy.rangeMiB ?? RANGE_MIB) * 1024 * 1024, base: job.base?.inventory });
    if (!structureLocked) unprotected = { inventory, scope };
    const tables = sizedTables(inventory.schemas);
    context.log("info", `${inventory.schemas.length} schemas, ${tables.length} tables, ${inventory.accounts.length} accounts`);
    for (const { schema, name, ranges } of tables) if (ranges) context.log("info", `${schema}.${name}: dumped in ${ranges.length} ranges of its primary key`);
    const binlog = (await readCoordinate(connection, job.server)) !== null;
    const program = await dumpProgram(job.server.flavor, job.client);
    for (const fault of await leftOut(connection, inventory, program.history)) context.finding("warning", faultRecord(fault));
    const since = job.base ? { isUnchanged: unchangedSince(job.base), firstSegment: firstSegment(job.base) } : undefined;
    const children = new DataChildren({ ...job, signal, inventory, binlog, program, since, firstSegment: job.dumped?.nextSegment, progress: (progress) => context.progress(progress) });
    const inSnapshot = isTransactional(inventory);
    const neverWhole = new Set(inventory.schemas.filter((schema) => schema.views.some((view) => view.broken ?? view.unreadable) || tables.some((table) => table.schema === schema.name && !inSnapshot(table))).map((schema) => schema.name));
    const wanted = tables.filter(({ schema, name }) => !job.dumped?.tables.has(tableKey(schema, name)));
    const shares = partitionTables(wanted.filter(inSnapshot), job.streams, neverWhole);
    await children.prepare(shares);
    context.log("info", `${shares.length} dump programs stand ready`);
    const snapshot = await coordinator.take(
      () => children.enter(),
      () => children.copyNow(partitionTables(wanted.filter((table) => !inSnapshot(table)), 1, new Set(inventory.schemas.map((schema) => schema.name)))),
    );
    context.log("info", `snapshot at ${snapshot.coordinate ? `${snapshot.coordinate.file}:${snapshot.coordinate.position}` : "no binary log"}, writers held ${snapshot.lockHeldMs} ms`);
    if (job.server.flavor === "mariadb") watch = await watchWaits(job.access, job.policy.lockTimeoutSeconds, (fault) => stop.abort(fault));
    job.gentle?.begin();
    const walk = { signal, before: () => job.gentle?.pass(0), after: letGo };
    const [dumped, counted] = await settledAll(
      [
        children.finish(snapshot.coordinate),
        job.fingerprints ? fingerprintAll(snapshot.readers, inventory, { ...walk, flavor: job.server.flavor, without: job.heartbeatSchema }) : countRows(snapshot.readers, inventory, walk),
        dumpDefinitions({ ...job, inventory, connection, signal }),
      ],
      (reason) => stop.abort(lostConnection(job.access.name, reason)),
    );
    await snapshot.assertHeld();
    if (!structureLocked) assertSameStructure(inventory, await collectInventory(connection, scope));
    await snapshot.release();
    const given = withTables(counted, (schema, table) => ({ ...table, ...job.dumped?.tables.get(tableKey(schema, table.name)) }));
    const complete = withStreams(given, new Map([...dumped, ...[...(job.dumped?.tables ?? [])].map(([key, { stream }]) => [key, stream] as const)]));
    return { inventory: complete, coordinate: snapshot.coordinate, snapshotAt: snapshot.takenAt, lockHeldMs: snapshot.lockHeldMs };
  } catch (error) {
    // The connection's loss came first: what follows from it says less.
    const reason = stop.signal.aborted ? stop.signal.reason : lostConnection(job.access.name, error);
    stop.abort(reason);
    await job.sink.abort(reason);
    // before anything else is asked: somebody may be waiting for what the snapshot holds
    await coordinator.release();
    if (unprotected && !context.signal.aborted) await explainByStructure(job.access, unprotected.inventory, unprotected.scope);
    throw reason;
  } finally {
    watch?.stop();
    await coordinator.release();
  }
}

/** What this dump cannot hold, by name: the set would otherwise promise it. */
async function leftOut(connection: Connection, inventory: Inventory, history: boolean): Promise<Fault[]> {
  const faults = inventory.accounts.filter((account) => account.broken).map((account) => new Fault("SERVER_ACCOUNT_UNREADABLE", { params: { account: account.name } }));
  const versioned = history ? [] : [...(await versionedTables(connection, inventory.schemas.map((schema) => schema.name)))].map((key) => key.replace("\0", "."));
  if (versioned.length > 0) faults.push(new Fault("SERVER_HISTORY_LOST", { params: { count: versioned.length, tables: versioned.slice(0, 10).join(", ") } }));
  return faults;
}

/** Only InnoDB keeps to a snapshot; every other engine is copied while writers are held. */
function isTransactional(inventory: Inventory): (table: SizedTable) => boolean {
  const others = new Set(inventory.schemas.flatMap((schema) => schema.tables.filter((table) => table.engine.toLowerCase() !== "innodb").map((table) => `${schema.name}\0${table.name}`)));
  return (table) => !others.has(`${table.schema}\0${table.name}`);
}

/** Puts the digests of the dumped rows into the inventory; every table, or each of its ranges, must have one, and rows where rows were counted. */
function withStreams(inventory: Inventory, dumped: ReadonlyMap<string, DataStream>): Inventory {
  return withTables(inventory, (schema, counted) => {
    const table = withDigests(schema, counted, dumped);
    const path = `${schema}.${table.name}`;
    for (const { stream, rows } of table.cut?.ranges ?? [table]) {
      if (!stream) throw new Fault("DUMP_INCOMPLETE", { params: { missing: `table ${path}` } });
      if ((stream.bytes === 0) !== (rows === 0)) throw new Fault("COUNT_MISMATCH", { params: { table: path, expected: rows, found: stream.bytes === 0 ? 0 : "?" } });
    }
    return table;
  });
}

/** Without a structure lock, what went wrong may come of a changed structure, however the programs put it. Fault DDL_DURING_DUMP; nothing when it is the same. */
async function explainByStructure(access: ServerAccess, before: Inventory, scope: Parameters<typeof collectInventory>[1]): Promise<void> {
  const connection = await connect(access, { timeoutMs: 3000 }).catch(() => undefined);
  try {
    await connection?.query("SET SESSION lock_wait_timeout = 5").catch(() => undefined);
    const after = connection && (await collectInventory(connection, scope).catch(() => undefined));
    if (after) assertSameStructure(before, after);
  } finally {
    connection?.destroy();
  }
}

/** Without a structure lock: the definitions after the dump must be those from before it. Fault DDL_DURING_DUMP. */
function assertSameStructure(before: Inventory, after: Inventory): void {
  const [first, second] = [definitionsOf(before), definitionsOf(after)];
  const changed = [...new Set([...first.keys(), ...second.keys()])].find((key) => first.get(key) !== second.get(key));
  if (changed) throw new Fault("DDL_DURING_DUMP", { params: { object: changed } });
}

function definitionsOf(inventory: Inventory): Map<string, string> {
  const all = new Map<string, string>();
  for (const schema of inventory.schemas) {
    for (const table of schema.tables) all.set(`${schema.name}.${table.name}`, table.structure);
    for (const kind of ["views", "procedures", "functions", "triggers", "events", "sequences"] as const) {
      for (const object of schema[kind]) all.set(`${schema.name}.${object.name} (${kind})`, object.definition);
    }
  }
  return all;
}
