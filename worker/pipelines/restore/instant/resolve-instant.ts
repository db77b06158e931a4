import type { SegmentIndex } from "#lib/contract/archive/segment.ts";
import type { ReplayBoundary } from "#lib/contract/recovery/instant.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { compareInstants, type RecoveryWindow } from "#lib/domain/binlog/recovery-window.ts";
import { refuseInstant } from "#lib/domain/binlog/resolve-boundary.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import { roadRates } from "#worker/host/road-rates.ts";
import { type HostRuntime, requireServer } from "#worker/host/runtime.ts";
import { type FoundStop, findStop, type StopSearch } from "./find-stop.ts";
import { type InstantRequest, instantText, timeText } from "./instant-request.ts";
import { fastestBase, reachingSets } from "./reaching-sets.ts";
import { withSearchFolder } from "./search-folder.ts";
import { surveyArchive, untilText } from "./survey.ts";

export interface ResolvedInstant {
  readonly setId: string;
  readonly boundary: ReplayBoundary;
}

/**
 * Resolves an instant once, to an exact place in the archive and the set to start from: the one with the fastest road by the rates of this host, proven ones first. Strict: an instant that cannot be reached is refused with the
 * nearest that can, never moved. Faults INSTANT_UNREACHABLE, INPUT_INVALID, GTID_INVALID, those of destinations, keys and binary logs.
 */
export async function resolveInstant(host: HostRuntime, request: InstantRequest, signal: AbortSignal): Promise<ResolvedInstant> {
  requireServer(host.settings, request.server);
  const { wanted } = request;
  const destinations = openDestinations(host, request.destination ? [request.destination] : host.settings.destinations.map(({ name }) => name));
  try {
    const survey = await surveyArchive(host, destinations, request.server, request);
    const { sets, segments: indexes, window } = survey;
    if (indexes.size === 0) throw unreachable(request, "no binary logs of this server are archived", "the full backups themselves");
    if (wanted.kind === "time") refuse(request, window, host.clock.now());
    let behind: { reason: string; nearest: string } | null = null;
    for (const set of sets) {
      const reach = window.reaches.find(({ point }) => point === set.signed.manifest.id);
      if (!reach || reach.files.length === 0) continue;
      if (wanted.kind === "time" && (compareInstants(reach.from, wanted.at) > 0 || compareInstants(wanted.at, reach.to) > 0)) continue;
      const segments = reach.files.flatMap((index) => indexes.get(index) ?? []);
      const look = (from: Pick<StopSearch, "set" | "segments">): Promise<FoundStop> => withSearchFolder(host, (folder) => findStop(host, { ...from, request, folder, signal }));
      const found = await look({ set, segments });
      if (found.kind === "found") {
        // The place is known now: another set may be the shorter way there.
        const fastest = fastestBase(reachingSets(survey, found.boundary), request.into ?? "server", roadRates(host));
        const other = fastest && fastest.set !== set ? await look(fastest) : found;
        return other.kind === "found" && fastest ? { setId: fastest.set.signed.manifest.id, boundary: other.boundary } : { setId: set.signed.manifest.id, boundary: found.boundary };
      }
      if (found.kind === "behind") behind ??= { reason: `behind backup ${set.signed.manifest.id} ${untilText(reach.until)}`, nearest: timeText(BigInt(reach.to)) };
    }
    if (behind) throw unreachable(request, behind.reason, behind.nearest);
    const oldest = window.reaches[0];
    throw unreachable(request, sets.length === 0 ? (request.into === "instance" ? "there is no full backup of method clone" : "there is no full backup") : "no full backup stands before it", oldest ? `${timeText(BigInt(oldest.from))} (backup ${oldest.point})` : "—");
  } finally {
    await Promise.allSettled(destinations.map((destination) => destination.close()));
  }
}

/** Fault INSTANT_UNREACHABLE for a time that nothing reaches, with the ends of what can be reached around it. */
function refuse(request: InstantRequest, { bands, gaps }: RecoveryWindow<SegmentIndex>, now: number): void {
  if (request.wanted.kind !== "time") return;
  const refusal = refuseInstant(request.wanted.at, { bands, gaps, now: String(BigInt(now) * 1000n), origin: null });
  if (!refusal || !("before" in refusal)) return;
  const nearest = [refusal.before, refusal.after].flatMap((micros) => (micros === null ? [] : [timeText(BigInt(micros))])).join(", ") || "—";
  const reasons = { "in-future": "it lies in the future", "after-last": "it lies behind the last archived transaction", "before-oldest": "no full backup stands before it", "in-gap": "" };
  throw unreachable(request, refusal.reason === "in-gap" ? untilText(refusal.gap) : reasons[refusal.reason], nearest);
}

function unreachable({ wanted }: InstantRequest, reason: string, nearest: string): Fault {
  return new Fault("INSTANT_UNREACHABLE", { params: { instant: instantText(wanted), reason, nearest } });
}
