import type { Connection, RowDataPacket } from "mysql2/promise";
import { type ArtifactPart, artifactPart } from "#lib/domain/backup/artifact-names.ts";
import { quotePath } from "#lib/domain/backup/sql-name.ts";
import { asFault, Fault } from "#lib/domain/fault/fault.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { throwIfCancelled } from "#worker/host/run-context.ts";
import type { LoadTarget } from "./client-session.ts";
import { type Deferral, planDeferral, type TableDefinition, withoutCounter } from "./deferral.ts";
import { type ArtifactChanges, type LoadableArtifact, loadArtifact } from "./load-artifact.ts";
import { type Counter, type LoadProgress, progressCounter } from "./load-progress.ts";
import { allowLocalRows } from "./local-rows.ts";
import { createDefiners, missingDefiners } from "./missing-definers.ts";
import { disableRedoLog, enableRedoLog, restoreRedoLog } from "./redo-log.ts";
import { runTasks, type Task } from "./schedule.ts";
import { withoutValues } from "./server-message.ts";

export interface LoadSetRequest {
  readonly target: LoadTarget;
  /** Those that are wanted, in any order; their names tell the order. */
  readonly artifacts: readonly LoadableArtifact[];
  /**
   * `throw-away`: an isolated server that is wiped after any failure; redo log off. `new-instance`: a server that holds nothing yet; redo log off and,
   * whatever happens, on again. `new-schemas`: a server with data, schemas made by this load.
   */
  readonly mode: "throw-away" | "new-instance" | "new-schemas";
  /** Streams and index builds at once. */
  readonly workers: number;
  /** Changes of one artifact: other schema, chosen tables, objects left out. */
  readonly changes?: ((artifact: LoadableArtifact) => ArtifactChanges) | undefined;
  /** Rows and bytes of a table (by its name in the set) as the manifest has them; decides whether its indexes are built later. */
  readonly tableSize: (schema: string, table: string) => { readonly rows: number; readonly dataBytes: number } | null;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  /** False: indexes stay as the dump made them. */
  readonly deferIndexes?: boolean | undefined;
}

export interface LoadReport {
  readonly bytes: number;
  readonly seconds: number;
  readonly stages: readonly { readonly name: string; readonly seconds: number }[];
  readonly tablesWithDeferredIndexes: number;
}

/** Below both, the ALTERs cost more than the maintenance of the indexes. */
const WORTH_ROWS = 30_000;
const WORTH_BYTES = 8 * 1024 * 1024;

/**
 * Loads a set in order: accounts, empty tables, rows in parallel (large tables without their indexes, which are built as soon as their rows
 * are in), foreign keys, routines, view stand-ins, views, their check options, triggers, events. The structure comes out as the plain load would make it: each table's
 * definition is compared. Faults: LOAD_FAILED, SANDBOX_FAILED, CANCELLED, those of the artifacts. After any of them what was loaded is incomplete.
 */
export async function loadSet(request: LoadSetRequest): Promise<LoadReport> {
  const { target } = request;
  const began = performance.now();
  const stages: { name: string; seconds: number }[] = [];
  const stage = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    throwIfCancelled(target.signal);
    const start = performance.now();
    const value = await work();
    stages.push({ name, seconds: (performance.now() - start) / 1000 });
    return value;
  };
  const counter = progressCounter(request.artifacts, request.onProgress);
  const connection = await connect(target.access);
  let redoOff = false;
  let forbidAgain: (() => Promise<void>) | null = null;
  try {
    await connection.query(`SET SESSION sql_mode = '', foreign_key_checks = 0, unique_checks = 0${target.skipBinlog ? ", sql_log_bin = 0" : ""}`);
    redoOff = request.mode !== "new-schemas" && target.flavor === "mysql" && (await disableRedoLog(connection));
    forbidAgain = request.mode === "new-schemas" ? null : await allowLocalRows(connection);
    const rowsRequest = { ...request, target: { ...target, localRows: forbidAgain !== null } };
    const inOrder = async (part: ArtifactPart): Promise<void> => {
      for (const artifact of ofPart(request.artifacts, part)) await load(request, artifact, counter);
    };
    await stage("accounts", () => inOrder("accounts"));
    await stage("tables", () => inOrder("tables"));
    const deferred = await stage("take indexes off", () => takeOff(request, connection));
    await stage("rows and indexes", () => runTasks([...rowTasks(rowsRequest, counter), ...indexTasks(request, deferred.plan, counter)], request.workers));
    await stage("foreign keys", () => addForeignKeys(connection, deferred.plan));
    await stage("compare definitions", () => requireSame(connection, deferred));
    for (const part of ["routines", "viewstubs", "grants", "views", "viewchecks", "triggers", "events"] as const) await stage(part, () => inOrder(part));
    if (request.mode === "throw-away" && ofPart(request.artifacts, "accounts").length === 0) {
      await stage("definers", async () => createDefiners(connection, target.flavor, await missingDefiners(connection)));
    }
    if (redoOff) await stage("redo log on", () => enableRedoLog(connection));
  } catch (error) {
    const fault = loadFault(error, "the set");
    if (redoOff && request.mode === "new-instance") await restoreRedoLog(target.access, fault);
    throw fault;
  } finally {
    await forbidAgain?.().catch(() => undefined);
    connection.destroy();
  }
  return { bytes: counter.bytes(), seconds: (performance.now() - began) / 1000, stages, tablesWithDeferredIndexes: stages.length > 0 ? counter.deferred() : 0 };
}

interface Deferred {
  readonly plan: readonly Deferral[];
  /** Definitions before anything was taken off. */
  readonly before: readonly TableDefinition[];
}

async function takeOff(request: LoadSetRequest, connection: Connection): Promise<Deferred> {
  if (request.deferIndexes === false) return { plan: [], before: [] };
  const before: TableDefinition[] = [];
  const places: { readonly schema: string; readonly table: string }[] = [];
  const placed = new Set<string>();
  const originals = new Map<string, { rows: number; dataBytes: number }>();
  for (const artifact of ofPart(request.artifacts, "data")) {
    const { schema = artifact.schema ?? "", tables: chosen } = request.changes?.(artifact) ?? {};
    for (const table of artifact.tables ?? []) {
      // A table that was dumped in ranges stands in several artifacts.
      if ((chosen && !chosen.has(table)) || placed.has(quotePath(schema, table))) continue;
      placed.add(quotePath(schema, table));
      const size = request.tableSize(artifact.schema ?? "", table);
      if (size) originals.set(quotePath(schema, table), size);
      places.push({ schema, table });
    }
  }
  const isWorth = (schema: string, table: string): boolean => {
    const size = originals.get(quotePath(schema, table));
    return size !== undefined && (size.rows >= WORTH_ROWS || size.dataBytes >= WORTH_BYTES);
  };
  // Ten thousand small tables are not asked for what nobody will change.
  if (!places.some(({ schema, table }) => isWorth(schema, table))) return { plan: [], before: [] };
  for (const { schema, table } of places) before.push({ schema, table, create: await showCreate(connection, schema, table) });
  const plan = planDeferral(before, isWorth).filter(({ drop }) => drop !== null);
  for (const { drop } of plan) await connection.query(drop as string);
  return { plan, before };
}

function rowTasks(request: LoadSetRequest, counter: Counter): Task[] {
  return ofPart(request.artifacts, "data").map((artifact) => ({ id: artifact.name, after: [], cost: artifact.bytes, run: () => load(request, artifact, counter) }));
}

function indexTasks(request: LoadSetRequest, plan: readonly Deferral[], counter: Counter): Task[] {
  return plan.flatMap((deferral): Task[] => {
    const path = quotePath(deferral.schema, deferral.table);
    const artifacts = ofPart(request.artifacts, "data").filter((candidate) => (request.changes?.(candidate)?.schema ?? candidate.schema) === deferral.schema && candidate.tables?.includes(deferral.table));
    if (artifacts.length === 0) return [];
    const statements = [...(deferral.addIndexes ? [deferral.addIndexes] : []), ...deferral.addFulltext];
    counter.countDeferred();
    return [{ id: `index ${path}`, after: artifacts.map(({ name }) => name), cost: artifacts.reduce((sum, { bytes }) => sum + bytes, 0) / 2, run: () => buildIndexes(request.target, path, statements, counter) }];
  });
}

/** On a connection of its own, so that several tables are built at once. */
async function buildIndexes(target: LoadTarget, path: string, statements: readonly string[], counter: Counter): Promise<void> {
  throwIfCancelled(target.signal);
  counter.begin(path);
  const connection = await connect(target.access);
  const onAbort = (): void => connection.destroy();
  target.signal.addEventListener("abort", onAbort, { once: true });
  try {
    await connection.query(`SET SESSION sql_mode = '', foreign_key_checks = 0${target.skipBinlog ? ", sql_log_bin = 0" : ""}`);
    for (const statement of statements) await connection.query(statement);
  } catch (error) {
    if (target.signal.aborted) throw new Fault("CANCELLED");
    throw loadFault(error, `indexes of ${path}`);
  } finally {
    target.signal.removeEventListener("abort", onAbort);
    connection.destroy();
  }
}

async function addForeignKeys(connection: Connection, plan: readonly Deferral[]): Promise<void> {
  for (const { addForeignKeys: statement, schema, table } of plan) {
    if (!statement) continue;
    await connection.query(statement).catch((error: unknown) => {
      throw loadFault(error, `foreign keys of ${quotePath(schema, table)}`);
    });
  }
}

/** The definition after all must be the one before; anything else would be a structure that nobody has backed up. */
async function requireSame(connection: Connection, { plan, before }: Deferred): Promise<void> {
  const changed = new Set(plan.map(({ schema, table }) => quotePath(schema, table)));
  for (const { schema, table, create } of before) {
    const path = quotePath(schema, table);
    if (!changed.has(path)) continue;
    const now = await showCreate(connection, schema, table);
    if (withoutCounter(now) !== withoutCounter(create)) {
      throw new Fault("LOAD_FAILED", { params: { artifact: path, message: "its definition differs after the indexes were built" }, detail: `${create}\n\n${now}` });
    }
  }
}

async function showCreate(connection: Connection, schema: string, table: string): Promise<string> {
  const [rows] = await connection.query<RowDataPacket[]>(`SHOW CREATE TABLE ${quotePath(schema, table)}`);
  return String(rows[0]?.["Create Table"] ?? "");
}

async function load(request: LoadSetRequest, artifact: LoadableArtifact, counter: Counter): Promise<void> {
  counter.begin(artifact.schema ?? artifact.name);
  await loadArtifact(request.target, artifact, request.changes?.(artifact) ?? {}, counter.add);
  counter.finish(artifact);
}

function ofPart(artifacts: readonly LoadableArtifact[], part: ArtifactPart): LoadableArtifact[] {
  return artifacts.filter(({ name }) => artifactPart(name) === part).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function loadFault(error: unknown, artifact: string): Fault {
  const { errno, sqlMessage, message } = error as { errno?: number; sqlMessage?: string; message?: string };
  if (error instanceof Fault || errno === undefined) return asFault(error);
  return new Fault("LOAD_FAILED", { params: { artifact, message: `ERROR ${errno}: ${withoutValues(errno, sqlMessage ?? message ?? "")}` }, cause: sqlMessage ? undefined : error });
}
