import type { RestorePlan, PlanResult, PlanStep, RestoreRequest } from "#lib/contract/recovery/restore.ts";
import { partsOf, type SetPart } from "#lib/contract/manifest/parts.ts";
import { planHash } from "#lib/contract/recovery/plan-hash.ts";
import { artifactPart } from "#lib/domain/backup/artifact-names.ts";
import { isPhysical } from "#lib/domain/backup/methods.ts";
import { estimateSteps, STARTING_RATES, type StepTime } from "#lib/domain/recovery/estimate.ts";
import { type RoadRates, roadSeconds } from "#lib/domain/recovery/roads.ts";
import { newId } from "#lib/platform/ids.ts";
import { roadRates } from "#worker/host/road-rates.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { checkCommands } from "#worker/pipelines/verify/own-checks.ts";
import { type Draft, draftRestore } from "./draft.ts";
import { planInstance } from "./instance/plan-instance.ts";
import { roadBase } from "./instant/reaching-sets.ts";
import { replayBytes } from "./instant/replay-onto.ts";
import { planReplace } from "./replace/plan-replace.ts";
import { roadsOf } from "./roads.ts";
import { reasonsOf } from "./left-out-faults.ts";
import { unpackCommands } from "./unpack-commands.ts";

export const PLAN_MINUTES = 15;

/** A dry run: reads the set and the target, changes nothing. Reasons against the restore come back as faults, not as errors. */
export async function planRestore(host: HostRuntime, request: RestoreRequest, signal: AbortSignal = new AbortController().signal): Promise<PlanResult> {
  if (request.target.kind === "replace") return planReplace(host, request, PLAN_MINUTES);
  if (request.target.kind === "instance") return planInstance(host, request, PLAN_MINUTES);
  try {
    const draft = await draftRestore(host, request, signal);
    const roads = await roadsOf(host, { ...draft, wantedBytes: wantedBytes(draft) });
    await Promise.allSettled(draft.destinations.map((destination) => destination.close()));
    return { ok: true, plan: { ...planOf(draft, host.clock.now(), roadRates(host)), roads } };
  } catch (error) {
    return { ok: false, faults: reasonsOf(error) };
  }
}

function planOf(draft: Draft, now: number, rates: RoadRates): RestorePlan {
  const { request, set, target, schemas, tables } = draft;
  const { manifest } = set.signed;
  const artifacts = partsOf(manifest).flatMap(({ artifact }) => (draft.artifacts.includes(artifact.name) ? [artifact] : []));
  const sum = (pick: (artifact: (typeof artifacts)[number]) => number): number => artifacts.reduce((n, artifact) => n + pick(artifact), 0);
  const wanted = schemas.flatMap((schema) => schema.tables.filter(({ name }) => tables === null || tables.includes(name)));
  const volume = { sealedBytes: sum(({ sealed }) => sealed.bytes), plainBytes: sum(({ plain }) => plain.bytes), safetyBytes: replacedBytes(draft), tables: wanted.length };
  return {
    planId: newId(now),
    hash: planHash(draft.binding),
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + PLAN_MINUTES * 60_000).toISOString(),
    request,
    manifestSha256: set.manifestSha256,
    snapshotAt: manifest.snapshotAt,
    level: set.verification?.level ?? "completed",
    source: { server: manifest.server.name, version: manifest.server.version, destination: set.destination.id },
    target: { server: target.server.name, version: target.server.version, environment: draft.environment, freeBytes: target.freeBytes },
    artifacts: [...draft.artifacts],
    sealedBytes: volume.sealedBytes,
    plainBytes: volume.plainBytes,
    tables: wanted.length,
    rows: wanted.reduce((n, { rows }) => n + rows, 0),
    checks: draft.checks.map(({ name }) => name),
    steps: stepsOf(draft, { ...estimateSteps(volume, { ...STARTING_RATES, load: rates.load, backup: rates.dump }), prepare: prepareTime(draft, rates) }),
    warnings: [...draft.warnings],
    typedName: request.target.kind === "in-place" ? typedName(draft) : null,
  };
}

/** The one schema that is replaced, else the server. */
export function typedName({ schemas, request }: Draft): string {
  const [only] = schemas;
  return schemas.length === 1 && only ? only.name : request.target.server;
}

function stepsOf(draft: Draft, eta: ReturnType<typeof estimateSteps> & { readonly prepare: StepTime }): PlanStep[] {
  const { request, names, target, set } = draft;
  const inPlace = request.target.kind === "in-place";
  const step = (id: PlanStep["id"], time: readonly [number, number], more: Partial<PlanStep> = {}): PlanStep => ({ id, eta: [time[0], time[1]], commands: [], creates: [], replaces: [], deletes: [], ...more });
  const replaced = target.replaced.schemas.map(({ name }) => name);
  const created = Object.values(names);
  const client = target.server.flavor === "mysql" ? "mysql" : "mariadb";
  const files = isPhysical(set.signed.manifest);
  const commands = files ? [] : partsOf(set.signed.manifest).flatMap((part) => (draft.artifacts.includes(part.artifact.name) ? [`${openedBy(part)} | ${client} --binary-mode --max-allowed-packet=1G`] : []));
  const unpacked = files ? unpackCommands(set.signed.manifest) : [];
  const replayed = request.boundary ? [`replay ${request.boundary.segments.length} binary log files, stop at ${request.boundary.segments.at(-1)?.file}:${request.boundary.stop.position}`] : [];
  return [
    step("check", eta.check),
    ...(request.boundary || files ? [step("prepare", eta.prepare, { creates: ["isolated server"], commands: [...unpacked, ...replayed] })] : []),
    ...(inPlace && replaced.length > 0 ? [step("safeguard", eta.safeguard, { creates: replaced.map((name) => `safety copy of ${name}`) })] : []),
    step("download", eta.download),
    step("load", eta.load, { commands, creates: inPlace ? created.map((name) => `${name} (staging)`) : [...created, ...(draft.artifacts.some((name) => artifactPart(name) === "accounts") ? ["accounts that are missing"] : [])] }),
    step("verify", eta.verify, { commands: inPlace ? [] : checkCommands(draft.checks) }),
    step("finish", eta.finish, inPlace ? { commands: checkCommands(draft.checks), replaces: replaced.flatMap((name) => (draft.tables ?? [""]).map((table) => (table ? `${name}.${table}` : name))) } : {}),
  ];
}

/** Of a full's file that belongs to a differential, only some tables are wanted: the function of RECOVER.md lets these through. */
function openedBy({ artifact, codec, cut, setId }: SetPart): string {
  return cut ? `open_file ../../full/${setId}/${artifact.name}` : `gpg -d ${artifact.name} | ${codec === "zstd" ? "zstd -d" : "gzip -d"}`;
}

/** SQL bytes that will be loaded; of data files, as the server counted them. */
function wantedBytes({ set, schemas, tables, artifacts }: Draft): number {
  const { manifest } = set.signed;
  if (isPhysical(manifest)) return schemas.reduce((sum, schema) => sum + schema.tables.filter(({ name }) => tables === null || tables.includes(name)).reduce((n, { dataBytes }) => n + dataBytes, 0), 0);
  return partsOf(manifest).reduce((sum, { artifact }) => sum + (artifacts.includes(artifact.name) ? artifact.plain.bytes : 0), 0);
}

/** All that happens in the isolated server, until there is SQL to load. */
function prepareTime(draft: Draft, rates: RoadRates): StepTime {
  const wanted = wantedBytes(draft);
  const { boundary } = draft.request;
  const seconds = Math.ceil(roadSeconds(roadBase(draft.set.signed.manifest, boundary ? replayBytes(boundary) : null), { into: "server", wantedBytes: wanted }, rates) - wanted / rates.load);
  return [seconds, seconds * 3];
}

function replacedBytes({ target }: Draft): number {
  return target.replaced.schemas.reduce((sum, { tables }) => sum + tables.reduce((n, { dataBytes }) => n + dataBytes, 0), 0);
}
