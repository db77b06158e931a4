import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { ReplayBoundary } from "#lib/contract/recovery/instant.ts";
import { planHash } from "#lib/contract/recovery/plan-hash.ts";
import type { RestorePlan } from "#lib/contract/recovery/restore.ts";
import { Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { requireAssertionSchemas } from "#worker/engines/checks/run-assertions.ts";
import { someOf } from "#worker/engines/preflight/finding.ts";
import { dropGuest } from "#worker/engines/sandbox/accounts.ts";
import { makePlace, type Place, wipe } from "#worker/engines/sandbox/place.ts";
import type { RunAs } from "#worker/engines/sandbox/run-as.ts";
import { type Sandbox, startSandbox } from "#worker/engines/sandbox/sandbox.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { run } from "#worker/exec/run.ts";
import { outcomeText } from "#worker/exec/spawn-tool.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { AnyCopy } from "#worker/pipelines/catalog/any-copy.ts";
import { type Fetching, ownFirst } from "#worker/pipelines/catalog/fetch-artifact.ts";
import { loadOtherRows } from "#worker/pipelines/catalog/load-other-rows.ts";
import { unpackSet } from "#worker/pipelines/catalog/unpack-set.ts";
import { checkSound, comparePhysical, compareRecorded, requireNone } from "#worker/pipelines/verify/compare-physical.ts";
import { requireChecks, schemasWithTables } from "#worker/pipelines/verify/own-checks.ts";
import { fetchBoundFiles, replayOnto, replaySettings } from "../instant/replay-onto.ts";
import { continueGtids } from "./continue-gtids.ts";
import type { FilesDraft } from "./draft-files.ts";

/** Everything that was changed since the files came is written by then. */
const SHUTDOWN_MS = 3_600_000;

/** Files that were proven and lie at rest, in order. */
export interface ProvenFiles {
  /** What was made for this run; what is left in it after the hand-over is wiped. */
  readonly place: Place;
  /** Data directory, in `place`. */
  readonly data: string;
  /** Bytes of memory for pages that they were started with. */
  readonly bufferPool: number;
  /** Seconds from the first byte read to a server that answered. */
  readonly answeredAfterSeconds: number;
}

interface Making {
  readonly copies: AnyCopy;
  /** Folder that the place is made in; the account may pass through it. */
  readonly parent: string;
  /** Who owns the files and runs the isolated server. */
  readonly account: RunAs;
}

/** Stage «check»: that the plan holds, and what it means now. Faults PLAN_EXPIRED, PLAN_CHANGED, TYPED_NAME_WRONG, those of `draw`. */
export async function checkFilesPlan<D extends FilesDraft>(context: RunContext, plan: RestorePlan, { minutes, typed }: { readonly minutes: number; readonly typed?: { readonly expected: string; readonly given: string | undefined } }, draw: () => Promise<D>): Promise<D> {
  if (Date.parse(plan.expiresAt) <= context.clock.now()) throw new Fault("PLAN_EXPIRED", { params: { minutes } });
  if (typed && typed.given !== typed.expected) throw new Fault("TYPED_NAME_WRONG", { params: { expected: typed.expected } });
  const draft = await draw();
  if (planHash(draft.binding) === plan.hash) return draft;
  await Promise.allSettled(draft.destinations.map((destination) => destination.close()));
  const change = draft.set.manifestSha256 !== plan.manifestSha256 ? "the backup set is another" : "the host or the options are not those of the plan";
  throw new Fault("PLAN_CHANGED", { params: { change } });
}

/**
 * Unpacks a physical set and starts it in isolation → compares with the manifest (to an instant: replays the archived files, which were fetched first, and checks where that led), runs the own checks → stops it
 * and hands it over, which is the last stage. Whatever fails, all of it is removed.
 * Faults: VERIFICATION_FAILED, OWN_CHECK_FAILED, REPLAY_STOPPED, REPLAY_INCOMPLETE, those of unpacking and of the isolated server.
 */
export async function proveFiles<T>(context: RunContext, host: HostRuntime, draft: FilesDraft, { copies, parent, account }: Making, handOver: (files: ProvenFiles) => Promise<T>): Promise<T> {
  const { boundary } = draft.request;
  const from = { copies, destinations: ownFirst(draft.set, draft.destinations), folder: join(host.folders.spool, `restore-${context.runId}`) };
  const place = await makePlace(parent, account);
  const data = join(place.folder, "data");
  let sandbox: Sandbox | undefined;
  try {
    const files = boundary ? await context.stage("prepare", () => fetchBoundFiles(context, host, { server: draft.request.server, boundary, from })) : [];
    const began = performance.now();
    const started = await context.stage("load", () => start(context, host, draft, { account, data, from }));
    sandbox = started;
    await loadOtherRows(context, host, draft.set, { access: started.access, stage: "load", fetching: from });
    // A check that cannot be asked is told before anything is replayed.
    await requireAssertionSchemas(started.access, draft.checks, schemasWithTables(draft.set.signed.manifest.inventory));
    const answeredAfterSeconds = Math.round(performance.now() - began) / 1000;
    if (boundary) await context.stage("replay", () => toInstant(context, host, draft, started, { boundary, files }));
    await context.stage("verify", () => verify(context, host, draft, started));
    return await context.stage("finish", async () => {
      const connection = await connect(started.access);
      await continueGtids(connection, draft.set.signed.manifest, boundary).then(() => dropGuest(connection)).finally(() => connection.destroy());
      if (!(await started.stop(SHUTDOWN_MS))) throw new Fault("SANDBOX_FAILED", { params: { message: "it did not shut down in order" }, detail: await started.logTail() });
      tellEmptied(context, draft);
      return handOver({ place, data, bufferPool: started.sizes.bufferPool, answeredAfterSeconds });
    });
  } finally {
    await sandbox?.destroy();
    // After the hand-over nothing is left under this name.
    await wipe(place);
    await rm(from.folder, { recursive: true, force: true });
  }
}

/** All that was written below a folder is on disk: a server ran there without a thought for it. Fault TOOL_FAILED. */
export async function syncFiles(folder: string): Promise<void> {
  const synced = await run("sync", ["--file-system", folder]);
  if (synced.code !== 0) throw new Fault("TOOL_FAILED", { params: { tool: "sync", outcome: outcomeText(synced) }, detail: synced.stderr });
}

function tellEmptied(context: RunContext, { set }: FilesDraft): void {
  const inMemory = set.signed.manifest.inventory.schemas.flatMap((schema) => schema.tables.flatMap(({ name, engine, rows }) => (engine.toLowerCase() === "memory" && rows > 0 ? [`${schema.name}.${name}`] : [])));
  if (inMemory.length > 0) context.finding("warning", faultRecord(new Fault("INSTANCE_MEMORY_EMPTY", { params: { count: inMemory.length, tables: someOf(inMemory) } })));
}

function start(context: RunContext, host: HostRuntime, draft: FilesDraft, to: { account: RunAs; data: string; from: Fetching }): Promise<Sandbox> {
  const { manifest } = draft.set.signed;
  return startSandbox({
    tools: draft.tools,
    flavor: manifest.server.flavor,
    folder: host.folders.sandbox,
    source: manifest.server,
    signal: context.signal,
    purpose: `the files of ${draft.name}`,
    dataBytes: draft.physical.bytes,
    ...(draft.request.boundary ? { replay: replaySettings(manifest) } : {}),
    log: (level, text) => context.log(level, text),
    filled: {
      pageSize: draft.physical.pageSize,
      dataFilePath: draft.physical.dataFilePath,
      undoTablespaces: draft.physical.undoTablespaces,
      folder: to.data,
      account: to.account,
      fill: (data, account) => unpackSet(context, host, draft.set, { data, account, stage: "load", from: to.from }),
    },
  });
}

/** From the files' own place to the instant. What is replayed on must be what was recorded: where that differs, nothing is. */
async function toInstant(context: RunContext, host: HostRuntime, { set, tools }: FilesDraft, sandbox: Sandbox, { boundary, files }: { readonly boundary: ReplayBoundary; readonly files: readonly string[] }): Promise<void> {
  const { manifest } = set.signed;
  requireNone((await compareRecorded(context, host, manifest, sandbox.access, "replay")).differences);
  const { undecidedXa } = await replayOnto(context, host, { sandbox, tools, manifest, boundary, files, stage: "replay" });
  if (undecidedXa > 0) context.log("warn", `${undecidedXa} XA transactions were prepared and not decided at this instant: the new server holds them as the source did (XA RECOVER)`);
}

async function verify(context: RunContext, host: HostRuntime, { set, request, checks }: FilesDraft, sandbox: Sandbox): Promise<void> {
  const { manifest } = set.signed;
  if (request.boundary) {
    const { differences, tables } = await checkSound(host, manifest.server, sandbox.access);
    requireNone(differences);
    context.log("info", `${tables} tables checked as of the instant`);
  } else {
    const { differences, compared } = await comparePhysical(context, host, manifest, sandbox.access, "verify");
    requireNone(differences);
    context.log("info", `${compared.tables} tables, ${compared.rows} rows, ${compared.objects} objects, ${compared.accounts} accounts as recorded`);
  }
  await requireChecks(context, sandbox.access, { checks, schemas: schemasWithTables(manifest.inventory), fault: "OWN_CHECK_FAILED" });
}
