import { partsOf } from "#lib/contract/manifest/parts.ts";
import { planHash } from "#lib/contract/recovery/plan-hash.ts";
import type { PlanResult, PlanStep, RestorePlan } from "#lib/contract/recovery/restore.ts";
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
import type { FilesDraft } from "./draft-files.ts";

/** What a plan says of the place that the files go to. */
export interface PlannedSite {
  readonly environment: string;
  /** Made by unpacking. */
  readonly creates: string;
  /** Data directory that is unpacked into. */
  readonly data: string;
  /** Of the last step. */
  readonly finish: Pick<PlanStep, "creates" | "commands"> & Partial<Pick<PlanStep, "replaces">>;
  readonly typedName: string | null;
}

/** Dry run of making a server's files of a physical set. Reasons against it come back as faults. `minutes`: how long the plan holds. */
export async function planFiles<D extends FilesDraft>(host: HostRuntime, minutes: number, draw: () => Promise<D>, site: (draft: D) => PlannedSite): Promise<PlanResult> {
  try {
    const draft = await draw();
    const roads = await roadsOf(host, { ...draft, wantedBytes: 0 });
    await Promise.allSettled(draft.destinations.map((destination) => destination.close()));
    return { ok: true, plan: { ...planOf(draft, host, { minutes, site: site(draft) }), roads } };
  } catch (error) {
    return { ok: false, faults: [faultRecord(error)] };
  }
}

function planOf(draft: FilesDraft, host: HostRuntime, { minutes, site }: { readonly minutes: number; readonly site: PlannedSite }): RestorePlan {
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
    target: { server: name, version, environment: site.environment, freeBytes: null },
    artifacts: partsOf(manifest).map(({ artifact }) => artifact.name),
    sealedBytes: sum(({ sealed }) => sealed.bytes),
    plainBytes: sum(({ plain }) => plain.bytes),
    tables: tables.length,
    rows: tables.reduce((total, { rows }) => total + rows, 0),
    checks: draft.checks.map(({ name: check }) => check),
    steps: stepsOf(draft, site, { tables: tables.length, rates: roadRates(host) }),
    warnings: [...draft.warnings],
    typedName: site.typedName,
  };
}

function stepsOf({ request, set, physical, checks }: FilesDraft, site: PlannedSite, { tables, rates }: { readonly tables: number; readonly rates: RoadRates }): PlanStep[] {
  const { manifest } = set.signed;
  const { boundary } = request;
  const eta = estimateInstance({ plainBytes: physical.bytes, tables, replayBytes: replayBytes(boundary) }, rates);
  const step = (id: PlanStep["id"], more: Partial<PlanStep> = {}): PlanStep => ({ id, eta: [...eta[id as keyof typeof eta]], commands: [], creates: [], replaces: [], deletes: [], ...more });
  return [
    step("check"),
    ...(boundary ? [step("prepare", { commands: boundary.segments.map(({ key }) => `gpg -d ${key} | zstd -d`) })] : []),
    step("load", { creates: [site.creates], commands: unpackCommands(manifest, site.data) }),
    ...(boundary ? [step("replay", { commands: [`replay ${boundary.segments.length} binary log files, stop at ${boundary.segments.at(-1)?.file}:${boundary.stop.position}`] })] : []),
    step("verify", { commands: checkCommands(checks) }),
    step("finish", site.finish),
  ];
}
