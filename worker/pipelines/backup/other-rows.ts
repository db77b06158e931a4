import type { Artifact, DataStream, Inventory, SourceServer } from "#lib/contract/manifest/manifest.ts";
import { dataSegment } from "#lib/domain/backup/artifact-names.ts";
import { isAtOrBefore } from "#lib/domain/binlog/place-order.ts";
import { partitionTables } from "#lib/domain/backup/partition.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { HeldTables } from "#worker/engines/clone/held-tables.ts";
import type { ArtifactSink } from "#worker/engines/dump/artifact-sink.ts";
import { dumpProgram } from "#worker/engines/dump/dump-program.ts";
import { countRows } from "#worker/engines/inventory/count-rows.ts";
import { tableKey, withTables } from "#worker/engines/inventory/on-connections.ts";
import { connect, lostConnection, type ServerAccess } from "#worker/engines/server/connect.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import { DataChildren } from "./data-children.ts";

/** Rows of tables that the server's own copy holds empty, dumped at the copy's point in time. */
export interface OtherRows {
  readonly artifacts: readonly Artifact[];
  /** Keyed `schema\0table`. */
  readonly tables: ReadonlyMap<string, { readonly rows: number; readonly stream: DataStream; readonly fingerprint: null }>;
  /** First number of a data artifact that is free in every schema. */
  readonly nextSegment: number;
  /** Milliseconds that writers of these tables, and of no others, were held. */
  readonly lockHeldMs: number;
}

export interface OtherRowsJob {
  readonly access: ServerAccess;
  readonly server: SourceServer;
  readonly client: ClientTools;
  readonly sink: ArtifactSink;
  readonly streams: number;
  readonly held: HeldTables;
}

/** Counts and dumps held tables into the sink, then frees them. Faults: those of the dump, COUNT_MISMATCH, SERVER_CONNECTION_LOST when they were not held to the end. */
export async function dumpOtherRows(context: RunContext, job: OtherRowsJob): Promise<OtherRows> {
  const { access, held, sink, server } = job;
  const inventory = skeleton(held);
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const program = await dumpProgram(server.flavor, job.client);
  const children = new DataChildren({ ...job, signal, inventory, binlog: false, program, progress: (progress) => context.progress({ ...progress, stage: "clone" }) });
  try {
    await children.copyNow(partitionTables(held.tables, job.streams, new Set(held.schemas)));
    const connection = await connect(access);
    const counted = await countRows([connection], inventory, { signal }).finally(() => connection.destroy());
    const dumped = await children.finish(null);
    const lockHeldMs = await held.release();
    context.log("info", `${held.tables.length} tables of other engines dumped, their writers held ${lockHeldMs} ms (${server.name})`);
    return { artifacts: sink.artifacts, lockHeldMs, tables: merged(counted, dumped), nextSegment: 1 + Math.max(0, ...sink.artifacts.map(({ name }) => dataSegment(name) ?? 0)) };
  } catch (error) {
    stop.abort(error);
    await sink.abort(error);
    throw lostConnection(access.name, error);
  }
}

/**
 * The copy's inventory with what was dumped beside it. Fault CLONE_TABLES_CHANGED when the copy has other such tables than were held, CLONE_TABLES_LATE when
 * it stands before the instant at which they were.
 */
export function withOtherRows(inventory: Inventory, { held, rows }: { readonly held: HeldTables; readonly rows: OtherRows }, copyAt: { readonly file: string; readonly position: string } | null): Inventory {
  if (copyAt && held.coordinate && !isAtOrBefore(held.coordinate, copyAt)) throw new Fault("CLONE_TABLES_LATE");
  requireSameTables(inventory, held.tables.map(({ schema, name }) => tableKey(schema, name)));
  return withTables(inventory, (schema, table) => {
    const own = rows.tables.get(tableKey(schema, table.name));
    return own ? { ...table, ...own } : table;
  });
}

/** Every table of another engine on the copy is one of these, and the other way round. Fault CLONE_TABLES_CHANGED. */
export function requireSameTables(inventory: Inventory, held: readonly string[]): void {
  const found = inventory.schemas.flatMap((schema) => schema.tables.filter(({ engine }) => engine.toLowerCase() !== "innodb").map(({ name }) => tableKey(schema.name, name)));
  const odd = [...found.filter((key) => !held.includes(key)), ...held.filter((key) => !found.includes(key))][0];
  if (odd) throw new Fault("CLONE_TABLES_CHANGED", { params: { table: odd.replace("\0", ".") } });
}

/** As much of an inventory as dumping needs: numbers of schemas, names and sizes of tables. */
function skeleton({ schemas, tables }: HeldTables): Inventory {
  const none = { views: [], procedures: [], functions: [], triggers: [], events: [], sequences: [] };
  const entry = { rows: 0, structure: "0".repeat(64), stream: null, fingerprint: null };
  return {
    accounts: [],
    schemas: schemas.map((name) => ({ ...none, name, characterSet: "", collation: "", tables: tables.filter(({ schema }) => schema === name).map((table) => ({ ...entry, name: table.name, engine: table.engine, dataBytes: table.bytes })) })),
  };
}

function merged(counted: Inventory, dumped: ReadonlyMap<string, DataStream>): OtherRows["tables"] {
  const all = new Map<string, { rows: number; stream: DataStream; fingerprint: null }>();
  for (const schema of counted.schemas) {
    for (const { name, rows } of schema.tables) {
      const key = tableKey(schema.name, name);
      const stream = dumped.get(key);
      const table = key.replace("\0", ".");
      if (!stream) throw new Fault("DUMP_INCOMPLETE", { params: { missing: `table ${table}` } });
      if ((stream.bytes === 0) !== (rows === 0)) throw new Fault("COUNT_MISMATCH", { params: { table, expected: rows, found: stream.bytes === 0 ? 0 : "?" } });
      all.set(key, { rows, stream, fingerprint: null });
    }
  }
  return all;
}
