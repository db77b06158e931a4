import { randomInt } from "node:crypto";
import { chmod, chown, mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { planHash } from "#lib/contract/recovery/plan-hash.ts";
import type { ReplayBoundary } from "#lib/contract/recovery/instant.ts";
import type { RestorePlan } from "#lib/contract/recovery/restore.ts";
import { Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { requireAssertionSchemas } from "#worker/engines/checks/run-assertions.ts";
import { someOf } from "#worker/engines/preflight/finding.ts";
import { dropGuest } from "#worker/engines/sandbox/accounts.ts";
import { mariadbParts } from "#worker/engines/sandbox/mariadb-base.ts";
import { makeFolder, makePlace, type Place, wipe } from "#worker/engines/sandbox/place.ts";
import { OWNER_FILE } from "#worker/engines/sandbox/reap.ts";
import { chooseAccount, type RunAs } from "#worker/engines/sandbox/run-as.ts";
import { type Sandbox, startSandbox } from "#worker/engines/sandbox/sandbox.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { locate } from "#worker/exec/launch.ts";
import { run } from "#worker/exec/run.ts";
import { outcomeText } from "#worker/exec/spawn-tool.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import { withRunLock } from "#worker/host/run-lock.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { type AnyCopy, copiesOfRun } from "#worker/pipelines/catalog/any-copy.ts";
import { type Fetching, ownFirst } from "#worker/pipelines/catalog/fetch-artifact.ts";
import { loadOtherRows } from "#worker/pipelines/catalog/load-other-rows.ts";
import { unpackSet } from "#worker/pipelines/catalog/unpack-set.ts";
import { checkSound, comparePhysical, compareRecorded, requireNone } from "#worker/pipelines/verify/compare-physical.ts";
import { requireChecks, schemasWithTables } from "#worker/pipelines/verify/own-checks.ts";
import { fetchBoundFiles, replayOnto, replaySettings } from "../instant/replay-onto.ts";
import { continueGtids } from "./continue-gtids.ts";
import { draftInstance, type InstanceDraft } from "./draft-instance.ts";
import { instanceConfig, instancePaths, type InstanceSettings, instanceUnit } from "./instance-files.ts";

/** Everything that was changed since the files came is written by then. */
const SHUTDOWN_MS = 3_600_000;

/** A new server that is ready to be started. */
export interface NewInstance {
  readonly name: string;
  readonly folder: string;
  readonly socket: string;
  readonly port: number;
  readonly config: string;
  readonly unit: string;
  /** Seconds from the first byte read to a server that answered. */
  readonly answeredAfterSeconds: number;
}

/**
 * Runs a plan for a new server, once: check that it holds → unpack, start in isolation → compare with the manifest (to an instant: replay the archived
 * files, which were fetched first, and check where that led), run the own checks → configuration and unit beside the data.
 * All of it is made under another name and gets its own at the very end: what a failed or killed run leaves is never taken for a server, and is cleared away.
 * Faults: PLAN_EXPIRED, PLAN_CHANGED, TARGET_NOT_EMPTY, VERIFICATION_FAILED, OWN_CHECK_FAILED, REPLAY_STOPPED, REPLAY_INCOMPLETE, those of unpacking and of the isolated server.
 */
export async function runInstance(context: RunContext, host: HostRuntime, plan: RestorePlan, minutes: number): Promise<NewInstance> {
  return withRunLock(host.folders.locks, `instance-${plan.request.target.server}`, async () => {
    const copies = copiesOfRun(context);
    const draft = await context.stage("check", () => checkPlan(context, host, plan, { minutes, copies }));
    try {
      return await makeInstance(context, host, draft, copies);
    } finally {
      await Promise.allSettled(draft.destinations.map((destination) => destination.close()));
    }
  });
}

async function checkPlan(context: RunContext, host: HostRuntime, plan: RestorePlan, { minutes, copies }: { readonly minutes: number; readonly copies: AnyCopy }): Promise<InstanceDraft> {
  if (Date.parse(plan.expiresAt) <= context.clock.now()) throw new Fault("PLAN_EXPIRED", { params: { minutes } });
  const draft = await draftInstance(host, plan.request, copies);
  if (planHash(draft.binding) === plan.hash) return draft;
  await Promise.allSettled(draft.destinations.map((destination) => destination.close()));
  const change = draft.set.manifestSha256 !== plan.manifestSha256 ? "the backup set is another" : "the host or the options are not those of the plan";
  throw new Fault("PLAN_CHANGED", { params: { change } });
}

async function makeInstance(context: RunContext, host: HostRuntime, draft: InstanceDraft, copies: AnyCopy): Promise<NewInstance> {
  const parent = host.folders.instances ?? "";
  const program = locate(draft.tools.mysqld ?? "mysqld");
  await mkdir(parent, { recursive: true, mode: 0o711 });
  await chmod(parent, 0o711);
  const account = await chooseAccount(program, parent, host.config.instancesUser);
  const { boundary } = draft.request;
  const from = { copies, destinations: ownFirst(draft.set, draft.destinations), folder: join(host.folders.spool, `restore-${context.runId}`) };
  const place = await makePlace(parent, account);
  let sandbox: Sandbox | undefined;
  try {
    const files = boundary ? await context.stage("prepare", () => fetchBoundFiles(context, host, { server: draft.request.server, boundary, from })) : [];
    const began = performance.now();
    const started = await context.stage("load", () => start(context, host, draft, { account, data: join(place.folder, "data"), from }));
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
      const settings: InstanceSettings = { name: draft.name, folder: draft.folder, port: draft.port, serverId: randomInt(1, 2 ** 32), bufferPool: started.sizes.bufferPool, program, uid: account.uid, gid: account.gid, ...(draft.set.signed.manifest.server.flavor === "mariadb" ? { baseFolder: mariadbParts(draft.tools, program).baseFolder } : {}) };
      return { ...(await handOver(context, draft, { place, account, settings })), answeredAfterSeconds };
    });
  } finally {
    await sandbox?.destroy();
    // After the hand-over nothing is left under this name.
    await wipe(place);
    await rm(from.folder, { recursive: true, force: true });
  }
}

function start(context: RunContext, host: HostRuntime, draft: InstanceDraft, to: { account: RunAs; data: string; from: Fetching }): Promise<Sandbox> {
  const { manifest } = draft.set.signed;
  return startSandbox({
    tools: draft.tools,
    flavor: manifest.server.flavor,
    folder: host.folders.sandbox,
    source: manifest.server,
    signal: context.signal,
    purpose: `new server ${draft.name}`,
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
async function toInstant(context: RunContext, host: HostRuntime, { set, tools }: InstanceDraft, sandbox: Sandbox, { boundary, files }: { readonly boundary: ReplayBoundary; readonly files: readonly string[] }): Promise<void> {
  const { manifest } = set.signed;
  requireNone((await compareRecorded(context, host, manifest, sandbox.access, "replay")).differences);
  const { undecidedXa } = await replayOnto(context, host, { sandbox, tools, manifest, boundary, files, stage: "replay" });
  if (undecidedXa > 0) context.log("warn", `${undecidedXa} XA transactions were prepared and not decided at this instant: the new server holds them as the source did (XA RECOVER)`);
}

async function verify(context: RunContext, host: HostRuntime, { set, request, checks }: InstanceDraft, sandbox: Sandbox): Promise<void> {
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

/** Configuration and unit beside the data, all on disk, and then its name: from there on it is a server. */
async function handOver(context: RunContext, draft: InstanceDraft, made: { place: Place; account: RunAs; settings: InstanceSettings }): Promise<Omit<NewInstance, "answeredAfterSeconds">> {
  const { manifest } = draft.set.signed;
  const { place, account, settings } = made;
  const inMemory = manifest.inventory.schemas.flatMap((schema) => schema.tables.flatMap(({ name, engine, rows }) => (engine.toLowerCase() === "memory" && rows > 0 ? [`${schema.name}.${name}`] : [])));
  if (inMemory.length > 0) context.finding("warning", faultRecord(new Fault("INSTANCE_MEMORY_EMPTY", { params: { count: inMemory.length, tables: someOf(inMemory) } })));
  if (account.root) context.finding("warning", faultRecord(new Fault("INSTANCE_RUNS_AS_ROOT", { params: { folder: draft.folder } })));
  const inside = instancePaths(place.folder, draft.name);
  for (const [path, text] of [[inside.config, instanceConfig(settings, manifest, draft.physical, draft.request.boundary)], [inside.unit, instanceUnit(settings, manifest)]] as const) {
    await writeFile(path, text);
    // Whatever this process' umask is: the server's account and systemd read them.
    await chmod(path, 0o644);
  }
  if (manifest.server.flavor === "mariadb") await makeFolder(inside.files, account);
  await chown(place.folder, account.uid, account.gid);
  await chmod(place.folder, 0o711);
  // It ran without a thought for the disk until now.
  const synced = await run("sync", ["--file-system", place.folder]);
  if (synced.code !== 0) throw new Fault("TOOL_FAILED", { params: { tool: "sync", outcome: outcomeText(synced) }, detail: synced.stderr });
  await rm(join(place.folder, OWNER_FILE));
  await rename(place.folder, draft.folder).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === "ENOTEMPTY" || cause.code === "EEXIST" || cause.code === "ENOTDIR" ? new Fault("TARGET_NOT_EMPTY", { params: { name: draft.folder }, cause }) : cause;
  });
  await syncFolder(dirname(draft.folder));
  const { socket, config, unit } = instancePaths(draft.folder, draft.name);
  context.log("info", `new server ${draft.name} in ${draft.folder}; to start and keep it: systemctl enable --now ${unit}`);
  return { name: draft.name, folder: draft.folder, socket, port: draft.port, config, unit };
}

/** A name is safe when the folder that holds it is. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path);
  await handle.sync().finally(() => handle.close());
}
