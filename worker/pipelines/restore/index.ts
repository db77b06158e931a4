import { join } from "node:path";
import { planHash } from "#lib/contract/recovery/plan-hash.ts";
import type { RestorePlan } from "#lib/contract/recovery/restore.ts";
import { isPhysical } from "#lib/domain/backup/methods.ts";
import { asFault, Fault } from "#lib/domain/fault/fault.ts";
import { connect } from "#worker/engines/server/connect.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import { withRunLock } from "#worker/host/run-lock.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { type AnyCopy, copiesOfRun } from "#worker/pipelines/catalog/any-copy.ts";
import { ownFirst } from "#worker/pipelines/catalog/fetch-artifact.ts";
import { requireChecks, schemasWithTables } from "#worker/pipelines/verify/own-checks.ts";
import { noteOrigins } from "./copy-origin.ts";
import { discardDownload, downloadStage } from "./download-stage.ts";
import { type Draft, draftRestore } from "./draft.ts";
import { safetyCopy, stagedArtifacts, stagingNames, takeOver } from "./in-place.ts";
import { type NewInstance, runInstance } from "./instance/run-instance.ts";
import { replayedSet } from "./instant/replayed-set.ts";
import { CreatedSchemas, loadInto } from "./load-stage.ts";
import { PLAN_MINUTES, typedName } from "./plan.ts";
import { type ReplacedFolder, runReplace } from "./replace/run-replace.ts";
import { restoreSubject } from "./run-records.ts";
import { verifyRestored } from "./verify-stage.ts";

export { planRestore } from "./plan.ts";

export const RESTORE_STAGES = ["check", "prepare", "safeguard", "download", "load", "replay", "verify", "finish"] as const;

export interface RestoreResult {
  /** Schemas made on the target (empty in place). */
  readonly created: readonly string[];
  /** In place: schemas that hold what was there before. */
  readonly kept: readonly string[];
  /** In place: id of the safety copy. */
  readonly safetySet: string | null;
  /** A new server made of a physical set. */
  readonly instance?: NewInstance;
  /** A stopped server's data directory, made of a physical set. */
  readonly replaced?: ReplacedFolder;
}

/**
 * Runs a plan, once: check that it still holds → replay to the chosen instant in an isolated server (where one was chosen) → safety copy (in place) →
 * download and compare digests → load into schemas of its own → verify → finish (in place: exchange, own checks). Nothing that exists is touched before the exchange; whatever fails, what this run made is removed.
 * Faults: PLAN_EXPIRED, PLAN_CHANGED, TYPED_NAME_WRONG, SAFETY_COPY_FAILED, LOAD_FAILED, VERIFICATION_FAILED, OWN_CHECK_FAILED, COPY_CORRUPT, NO_SOUND_COPY, KEY_MISSING, CANCELLED …
 */
export async function runRestore(context: RunContext, host: HostRuntime, plan: RestorePlan, typed?: string): Promise<RestoreResult> {
  if (plan.request.target.kind === "replace") return { created: [], kept: [], safetySet: null, replaced: await runReplace(context, host, plan, { minutes: PLAN_MINUTES, typed }) };
  if (plan.request.target.kind === "instance") return { created: [], kept: [], safetySet: null, instance: await runInstance(context, host, plan, PLAN_MINUTES) };
  return withRunLock(host.folders.locks, restoreSubject(plan.request.target.server), async () => {
    const copies = copiesOfRun(context);
    const checked = await context.stage("check", () => checkPlan(context, host, plan, { typed, copies }));
    const { boundary } = checked.request;
    // Data files become SQL by way of an isolated server, with or without a replay.
    const restored = async (at: { readonly host: HostRuntime; readonly draft: Draft }): Promise<RestoreResult> => {
      const result = await fromSet(context, at.host, at.draft, copies);
      noteOrigins(host.folders, checked.request, checked.set, context.clock.now());
      return result;
    };
    if (!boundary && !isPhysical(checked.set.signed.manifest)) return restored({ host, draft: checked });
    const folder = join(downloadFolder(context, host), "instant");
    try {
      const at = await context.stage("prepare", async () => {
        const made = await replayedSet(context, host, { set: checked.set, boundary, from: { copies, destinations: ownFirst(checked.set, checked.destinations), folder } });
        const { boundary: _done, destination: _source, ...request } = checked.request;
        return { host: made.host, draft: await draftRestore(made.host, { ...request, setId: made.setId }, context.signal, copies) };
      });
      return await restored(at);
    } finally {
      await discardDownload(downloadFolder(context, host));
      await Promise.allSettled(checked.destinations.map((destination) => destination.close()));
    }
  });
}

/** Its name tells whose it is: what a killed process leaves is cleared by the next. */
function downloadFolder(context: RunContext, host: HostRuntime): string {
  return join(host.folders.spool, `restore-${context.runId}`);
}

/** From a set that stands at a destination to the target. */
async function fromSet(context: RunContext, host: HostRuntime, draft: Draft, copies: AnyCopy): Promise<RestoreResult> {
  const folder = downloadFolder(context, host);
  const created = new CreatedSchemas();
  const connection = await connect(draft.access);
  try {
    const inPlace = draft.request.target.kind === "in-place";
    const safetySet = inPlace ? await context.stage("safeguard", () => safetyCopy(context, host, draft)) : null;
    const artifacts = await context.stage("download", () => downloadStage(context, host, draft, { copies, destinations: ownFirst(draft.set, draft.destinations), folder }));
    const into = inPlace ? stagingNames(draft, context.clock.now()) : draft.names;
    await context.stage("load", async () => {
      // Told before it is done: were this process killed, the journal names what a person finds on the server.
      context.log("info", `schemas that this run makes: ${draft.schemas.map(({ name }) => into[name] ?? name).join(", ")}`);
      for (const schema of draft.schemas) await created.create(connection, into[schema.name] ?? schema.name, schema);
      await loadInto(context, host, { draft, artifacts: inPlace ? stagedArtifacts(artifacts) : artifacts, into }, connection);
    });
    await context.stage("verify", async () => {
      await verifyRestored(context, draft, into, inPlace ? "tables" : "all");
      // In place they are about the names that the tables have after the exchange.
      if (!inPlace) await requireChecks(context, draft.access, { checks: draft.checks, schemas: schemasWithTables(draft), fault: "OWN_CHECK_FAILED" });
    });
    const kept = await context.stage("finish", async () => {
      if (!inPlace) return [];
      const names = await takeOver(context, host, { draft, artifacts, staging: into, created, safetySet, copies, folder }, connection);
      await created.dropEmpty(connection);
      return names;
    });
    return { created: inPlace ? [] : created.names, kept, safetySet };
  } catch (error) {
    await undo(context, draft, created);
    throw error;
  } finally {
    connection.destroy();
    await discardDownload(folder);
    await Promise.allSettled(draft.destinations.map((destination) => destination.close()));
  }
}

async function checkPlan(context: RunContext, host: HostRuntime, plan: RestorePlan, { typed, copies }: { readonly typed: string | undefined; readonly copies: AnyCopy }): Promise<Draft> {
  if (Date.parse(plan.expiresAt) <= context.clock.now()) throw new Fault("PLAN_EXPIRED", { params: { minutes: PLAN_MINUTES } });
  const draft = await draftRestore(host, plan.request, context.signal, copies);
  try {
    if (planHash(draft.binding) !== plan.hash) {
      const change = draft.set.manifestSha256 !== plan.manifestSha256 ? "the backup set is another" : "the target or the options are not those of the plan";
      throw new Fault("PLAN_CHANGED", { params: { change } });
    }
    const expected = plan.request.target.kind === "in-place" ? typedName(draft) : null;
    if (expected !== null && typed !== expected) throw new Fault("TYPED_NAME_WRONG", { params: { expected } });
    return draft;
  } catch (error) {
    await Promise.allSettled(draft.destinations.map((destination) => destination.close()));
    throw error;
  }
}

/** Removes what this run made; on a connection of its own, since the run's may be what failed. */
async function undo(context: RunContext, draft: Draft, created: CreatedSchemas): Promise<void> {
  if (created.names.length === 0) return;
  try {
    const connection = await connect(draft.access);
    await created.drop(connection);
    connection.destroy();
    context.log("info", `removed: ${created.names.join(", ")}`);
  } catch (error) {
    context.log("error", `could not be removed, look at the target: ${created.names.join(", ")} (${asFault(error).message})`);
  }
}
