import type { ChainFile, Timeline } from "./chain.ts";
import { type GtidSet, isSubset, parseGtidSet, unite } from "./gtid-set.ts";

/** A set that restores by itself, and where in the log it stands. Instants are microseconds since 1970 as decimal text. */
export interface RecoveryPoint {
  readonly id: string;
  readonly takenAt: string;
  readonly serverUuid: string;
  /** Null: taken without a place in the log; it restores to itself only. */
  readonly coordinate: { readonly file: string; readonly position: string; readonly gtidSet: string | null } | null;
}

/** Where replay on top of a point begins: a file of a stretch of a timeline. */
export interface StartingPlace<F extends ChainFile> {
  readonly timeline: Timeline<F>;
  /** Indexes into the timeline's stretches, and into that stretch. */
  readonly stretch: number;
  readonly file: number;
}

/**
 * By name and position in the logs of the server that the point was taken of; the GTIDs must not contradict. Where its logs began anew under the
 * same names, the count of files that was archived soonest after the point is the right one. Failing that by GTIDs alone, in the logs of
 * another server (failover): they must hold every transaction of the point, and begin with none that it lacks.
 */
export function startsIn<F extends ChainFile>(point: RecoveryPoint, timelines: readonly Timeline<F>[]): StartingPlace<F> | undefined {
  const { coordinate } = point;
  if (!coordinate) return undefined;
  const named = places(timelines).filter(({ timeline, at }) => timeline.serverUuid === point.serverUuid && at.file === coordinate.file && Number(coordinate.position) <= at.content.endPosition && begins(at, coordinate.gtidSet));
  const later = named.filter(({ at }) => BigInt(Date.parse(at.archivedAt)) * 1000n >= BigInt(point.takenAt));
  const [soonest] = (later.length > 0 ? later : named).sort((one, other) => Date.parse(one.at.archivedAt) - Date.parse(other.at.archivedAt));
  return soonest ?? byGtids(coordinate.gtidSet, timelines.filter(({ serverUuid }) => serverUuid !== point.serverUuid));
}

function places<F extends ChainFile>(timelines: readonly Timeline<F>[]): (StartingPlace<F> & { at: F })[] {
  return timelines.flatMap((timeline) => timeline.stretches.flatMap((files, stretch) => files.map((at, file) => ({ timeline, stretch, file, at }))));
}

/** Does the point hold everything that was logged before the file? */
function begins({ flavor, content }: ChainFile, gtidSet: string | null): boolean {
  if (flavor !== "mysql" || gtidSet === null || content.previousGtids === null) return true;
  return isSubset(parseGtidSet(content.previousGtids), parseGtidSet(gtidSet));
}

function byGtids<F extends ChainFile>(gtidSet: string | null, timelines: readonly Timeline<F>[]): StartingPlace<F> | undefined {
  const held = gtidSet === null || !gtidSet.includes(":") ? undefined : parseGtidSet(gtidSet); // MariaDB's lists tell nothing of what lies below
  if (!held || held.size === 0) return undefined;
  for (const timeline of timelines) {
    for (const [stretch, files] of timeline.stretches.entries()) {
      const file = files.findLastIndex(({ content, flavor }) => flavor === "mysql" && content.previousGtids !== null && isSubset(parseGtidSet(content.previousGtids), held));
      if (file !== -1 && isSubset(held, gtidsOf(files))) return { timeline, stretch, file };
    }
  }
  return undefined;
}

function gtidsOf(files: readonly ChainFile[]): GtidSet {
  return unite(parseGtidSet(files[0]?.content.previousGtids ?? ""), ...files.map(({ content }) => parseGtidSet(content.gtids ?? "")));
}
