import { partsOf } from "#lib/contract/manifest/parts.ts";
import { planHash } from "#lib/contract/recovery/plan-hash.ts";
import type { PlanResult, PlanStep, RestorePlan, RestoreRequest } from "#lib/contract/recovery/restore.ts";
import { faultRecord } from "#lib/domain/fault/fault.ts";
import { estimateInstance } from "#lib/domain/recovery/estimate.ts";
import type { RoadRates } from "#lib/domain/recovery/roads.ts";
import { newId } from "#lib/platform/ids.ts";
import { roadRates } from "#worker/host/road-rates.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { checkCommands } from "#worker/pipelines/verify/own-checks.ts";
import { replayBytes } from "../instant/replay-onto.ts";
import { roadsOf } from "../roads.ts";
import { unpackCommands } from "../unpack-commands.ts";
import { type InstanceDraft, draftInstance } from "./draft-instance.ts";
import { instancePaths } from "./instance-files.ts";

/** Dry run of making a new server of a physical set. Reasons against it come back as faults. `minutes`: how long the plan holds. */
export async function planInstance(host: HostRuntime, request: RestoreRequest, minutes: number): Promise<PlanResult> {
  try {
    const draft = await draftInstance(host, request);
    const roads = await roadsOf(host, { ...draft, wantedBytes: 0 });
    await Promise.allSettled(draft.destinations.map((destination) => destination.close()));
    return { ok: true, plan: { ...planOf(draft, host, minutes), roads } };
  } catch (error) {
    return { ok: false, faults: [faultRecord(error)] };
  }
}

function planOf(draft: InstanceDraft, host: HostRuntime, minutes: number): RestorePlan {
  const now = host.clock.now();
  const { request, set, name, version } = draft;
  const { manifest } = set.signed;
  const tables = manifest.inventory.schemas.flatMap((schema) => schema.tables);
  const sum = (pick: (artifact: (typeof manifest.artifacts)[number]) => number): number => partsOf(manifest).reduce((total, { artifact }) => total + pick(artifact), 0);
  return {
    planId: newId(now),
    hash: planHash(draft.binding),
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + minutes * 60_000).toISOString(),
    request,
    manifestSha256: set.manifestSha256,
    snapshotAt: manifest.snapshotAt,
    level: set.verification?.level ?? "completed",
    source: { server: manifest.server.name, version: manifest.server.version, destination: set.destination.id },
    target: { server: name, version, environment: "new", freeBytes: null },
    artifacts: partsOf(manifest).map(({ artifact }) => artifact.name),
    sealedBytes: sum(({ sealed }) => sealed.bytes),
    plainBytes: sum(({ plain }) => plain.bytes),
    tables: tables.length,
    rows: tables.reduce((total, { rows }) => total + rows, 0),
    checks: draft.checks.map(({ name: check }) => check),
    steps: stepsOf(draft, tables.length, roadRates(host)),
    warnings: [...draft.warnings],
    typedName: null,
  };
}

function stepsOf({ request, set, folder, name, port, physical, checks }: InstanceDraft, tables: number, rates: RoadRates): PlanStep[] {
  const { manifest } = set.signed;
  const { boundary } = request;
  const eta = estimateInstance({ plainBytes: physical.bytes, tables, replayBytes: replayBytes(boundary) }, rates);
  const paths = instancePaths(folder, name);
  const step = (id: PlanStep["id"], more: Partial<PlanStep> = {}): PlanStep => ({ id, eta: [...eta[id as keyof typeof eta]], commands: [], creates: [], replaces: [], deletes: [], ...more });
  return [
    step("check"),
    ...(boundary ? [step("prepare", { commands: boundary.segments.map(({ key }) => `gpg -d ${key} | zstd -d`) })] : []),
    step("load", { creates: [folder], commands: unpackCommands(manifest, paths.data) }),
    ...(boundary ? [step("replay", { commands: [`replay ${boundary.segments.length} binary log files, stop at ${boundary.segments.at(-1)?.file}:${boundary.stop.position}`] })] : []),
    step("verify", { commands: checkCommands(checks) }),
    step("finish", { creates: [paths.config, paths.unit, `server at port ${port}`], commands: [`systemctl enable --now ${paths.unit}`] }),
  ];
}
