import type { SegmentIndex } from "#lib/contract/archive/segment.ts";
import { isPhysical } from "#lib/domain/backup/methods.ts";
import { type GapReason, type RecoveryWindow, recoveryWindow } from "#lib/domain/binlog/recovery-window.ts";
import type { RecoveryPoint } from "#lib/domain/binlog/starting-place.ts";
import { asFault } from "#lib/domain/fault/fault.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { listSetKeys, readSetAnywhere, type StoredSet } from "#worker/pipelines/catalog/read-set.ts";
import type { Destination } from "#worker/ports/destination.ts";
import type { InstantRequest } from "./instant-request.ts";
import { type ArchivedSegment, archivedSegments } from "./archived-segments.ts";

/** What destinations hold of a server: fulls and differentials, archived files by their description, and what instants they reach together. */
export interface Survey {
  /** Newest first, proven ones before all others. */
  readonly sets: readonly StoredSet[];
  readonly segments: ReadonlyMap<SegmentIndex, ArchivedSegment>;
  readonly window: RecoveryWindow<SegmentIndex>;
}

/** Which sets count: only this one, only those of data files (a new server is made of nothing else). */
type Wanted = Pick<InstantRequest, "setId" | "into">;

/** Reads manifests and descriptions only. Faults DESTINATION_*, MANIFEST_INVALID, MANIFEST_FORGED. */
export async function surveyArchive(host: HostRuntime, destinations: readonly Destination[], server: string, wanted: Wanted = {}): Promise<Survey> {
  const sets = await restorableSets(host, destinations, server, wanted);
  const segments = new Map((await archivedSegments(host, destinations, server)).map((segment) => [segment.index, segment]));
  return { sets, segments, window: recoveryWindow(sets.map(pointOf), [...segments.keys()]) };
}

/** Why the archive goes no further. */
export function untilText({ reason, about }: { readonly reason: GapReason; readonly about: string }): string {
  return reason === "archive-ends" ? `the archive ends with ${about}` : `the archive is broken (${reason.replaceAll("-", " ")}: ${about})`;
}

async function restorableSets(host: HostRuntime, destinations: readonly Destination[], server: string, { setId, into }: Wanted): Promise<StoredSet[]> {
  const ids = new Set<string>();
  for (const destination of destinations) {
    try {
      for (const key of await listSetKeys(destination, server)) ids.add(key.setId);
    } catch (error) {
      host.log.warn({ destination: destination.id, fault: asFault(error).code }, "sets not listed here");
    }
  }
  const sets: StoredSet[] = [];
  for (const id of [...ids].sort().reverse()) {
    if (setId !== undefined && id !== setId) continue;
    try {
      sets.push(await readSetAnywhere(host, destinations, server, id));
    } catch (error) {
      host.log.warn({ setId: id, fault: asFault(error).code }, "set passed over");
    }
  }
  const usable = sets.filter(({ signed, verification }) => verification?.level !== "refused" && (into !== "instance" || isPhysical(signed.manifest)));
  const proven = usable.filter(({ verification }) => verification?.level === "proven");
  return [...proven, ...usable.filter((set) => !proven.includes(set))];
}

/** Where a set stands, and what it is taken of. */
export function pointOf({ signed: { manifest } }: StoredSet): RecoveryPoint {
  const { server, coordinate, id, snapshotAt } = manifest;
  return { id, takenAt: String(BigInt(Date.parse(snapshotAt)) * 1000n), serverUuid: server.flavor === "mysql" ? server.uuid : `server-${server.serverId}`, coordinate };
}

