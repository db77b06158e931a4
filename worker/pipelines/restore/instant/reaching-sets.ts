import type { Manifest } from "#lib/contract/manifest/manifest.ts";
import { partsOf } from "#lib/contract/manifest/parts.ts";
import type { ReplayBoundary } from "#lib/contract/recovery/instant.ts";
import { type RoadBase, type RoadGoal, type RoadRates, roadSeconds } from "#lib/domain/recovery/roads.ts";
import type { StoredSet } from "#worker/pipelines/catalog/read-set.ts";
import type { ArchivedSegment } from "./archived-segments.ts";
import type { Survey } from "./survey.ts";

/** A set from which an instant is reached. */
export interface ReachingSet {
  readonly set: StoredSet;
  /** All that the archive holds behind it, without a gap; the first holds the set's place. */
  readonly segments: readonly ArchivedSegment[];
  /** Files up to the one with the instant. */
  readonly files: number;
  /** Plain bytes of binary log from the set's place to the instant. */
  readonly replayBytes: number;
}

/** Every set of a survey that reaches the end of a boundary, in the survey's order. Nothing is read for it. */
export function reachingSets({ sets, segments, window }: Survey, { segments: bound, stop }: ReplayBoundary): ReachingSet[] {
  const last = bound.at(-1);
  const folder = (key: string): string => key.slice(0, key.lastIndexOf("/"));
  return sets.flatMap((set) => {
    const { id, coordinate } = set.signed.manifest;
    const behind = (window.reaches.find(({ point }) => point === id)?.files ?? []).flatMap((index) => segments.get(index) ?? []);
    const at = behind.findIndex(({ key, index }) => index.file === last?.file && folder(key) === folder(last.key));
    if (!coordinate || at < 0) return [];
    const replayBytes = behind.slice(0, at).reduce((sum, { index }) => sum + index.plain.bytes, 0) + Number(stop.position) - Number(coordinate.position);
    return replayBytes < 0 ? [] : [{ set, segments: behind, files: at + 1, replayBytes }];
  });
}

/** What a road from this set starts with. */
export function roadBase(manifest: Manifest, replayBytes: number | null): RoadBase {
  const bytes = manifest.physical?.bytes ?? partsOf(manifest).reduce((sum, { artifact }) => sum + artifact.plain.bytes, 0);
  return { method: manifest.method, bytes, replayBytes };
}

/** What a road must save to be taken instead of that from the newest set. Seconds: estimates are no finer. */
const WORTH_SECONDS = 1;

/** The set that the fastest road starts from; among those that take about as long the first. Where the first is proven, only proven ones count. */
export function fastestBase(candidates: readonly ReachingSet[], into: RoadGoal["into"], rates: RoadRates): ReachingSet | undefined {
  const isProven = ({ set }: ReachingSet): boolean => set.verification?.level === "proven";
  const counted = candidates.some(isProven) ? candidates.filter(isProven) : candidates;
  const seconds = ({ set, replayBytes }: ReachingSet): number => roadSeconds(roadBase(set.signed.manifest, replayBytes), { into, wantedBytes: 0 }, rates);
  return counted.reduce<ReachingSet | undefined>((best, candidate) => (best === undefined || seconds(candidate) < seconds(best) - WORTH_SECONDS ? candidate : best), undefined);
}
