import { type RestoreRequest, type Road, takesFiles } from "#lib/contract/recovery/restore.ts";
import { isPhysical } from "#lib/domain/backup/methods.ts";
import { asFault } from "#lib/domain/fault/fault.ts";
import { type RoadGoal, roadSeconds } from "#lib/domain/recovery/roads.ts";
import { roadRates } from "#worker/host/road-rates.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { listSetKeys, readSetAnywhere, type StoredSet } from "#worker/pipelines/catalog/read-set.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { reachingSets, roadBase } from "./instant/reaching-sets.ts";
import { replayBytes } from "./instant/replay-onto.ts";
import { surveyArchive } from "./instant/survey.ts";

/** The fastest ones; the plan's own is always among them. */
const MOST_ROADS = 6;
/** The SQL of the same instant is committed by the same run, right after the data files. */
const TWIN_WITHIN = 3;

interface RoadFrom {
  readonly set: StoredSet;
  readonly files: number;
  /** Null: the set as it is. */
  readonly replayBytes: number | null;
}

export interface RoadsJob {
  readonly request: RestoreRequest;
  readonly set: StoredSet;
  readonly destinations: readonly Destination[];
  /** SQL bytes that are wanted. */
  readonly wantedBytes: number;
}

/**
 * The plan's road and the others to the same instant, fastest first: from every set that reaches it, into the same target, and from data files to a new
 * server as well where this host may make one. Seconds by the rates that this host has reached. Never fails: what cannot be listed is left out.
 */
export async function roadsOf(host: HostRuntime, job: RoadsJob): Promise<Road[]> {
  const { request, set, wantedBytes } = job;
  const rates = roadRates(host);
  const own: RoadGoal["into"] = takesFiles(request.target.kind) ? "instance" : "server";
  const { id } = set.signed.manifest;
  const roads = (await startsOf(host, job)).flatMap((from) => {
    const { manifest } = from.set.signed;
    const goals: RoadGoal["into"][] = own === "server" && isPhysical(manifest) && host.folders.instances !== null ? ["server", "instance"] : [own];
    return goals.map((into): Road => ({
      setId: manifest.id,
      method: manifest.method,
      into,
      level: from.set.verification?.level ?? "completed",
      snapshotAt: manifest.snapshotAt,
      replayFiles: from.files,
      replayBytes: from.replayBytes ?? 0,
      seconds: Math.ceil(roadSeconds(roadBase(manifest, from.replayBytes), { into, wantedBytes }, rates) * 10) / 10,
      chosen: manifest.id === id && into === own,
    }));
  });
  const possible = roads.filter(({ seconds }) => Number.isFinite(seconds)).sort((one, other) => one.seconds - other.seconds);
  return possible.filter(({ chosen }, index) => chosen || index < MOST_ROADS);
}

async function startsOf(host: HostRuntime, { request, set, destinations }: RoadsJob): Promise<RoadFrom[]> {
  const { boundary } = request;
  const itself: RoadFrom = { set, files: boundary?.segments.length ?? 0, replayBytes: boundary ? replayBytes(boundary) : null };
  try {
    const others = boundary ? reachingSets(await surveyArchive(host, destinations, request.server), boundary) : await twinsOf(host, destinations, set);
    return others.some((other) => other.set.signed.manifest.id === set.signed.manifest.id) ? others : [itself, ...others];
  } catch (error) {
    host.log.warn({ fault: asFault(error).code }, "other roads could not be looked for");
    return [itself];
  }
}

/** The other set of the same instant, where one run took both. */
async function twinsOf(host: HostRuntime, destinations: readonly Destination[], { signed: { manifest } }: StoredSet): Promise<RoadFrom[]> {
  const server = manifest.server.name;
  const found = async (id: string): Promise<StoredSet[]> => readSetAnywhere(host, destinations, server, id).then((twin) => [twin], () => []);
  const as = (twin: StoredSet): RoadFrom => ({ set: twin, files: 0, replayBytes: null });
  if (manifest.twin !== undefined) return (await found(manifest.twin)).map(as);
  if (!isPhysical(manifest)) return [];
  const listed = await Promise.all(destinations.map((destination) => listSetKeys(destination, server).catch(() => [])));
  const later = [...new Set(listed.flat().map(({ setId }) => setId))].filter((id) => id > manifest.id).sort().slice(0, TWIN_WITHIN);
  const sets = (await Promise.all(later.map(found))).flat();
  return sets.filter(({ signed }) => signed.manifest.twin === manifest.id).map(as);
}
