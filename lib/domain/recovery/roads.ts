import { type BackupMethod, isPhysical } from "#lib/domain/backup/methods.ts";

/** Plain bytes a second of one kind of work on one host. */
export interface RoadRates {
  /** Data files: read, decrypted, unpacked, written. */
  readonly unpack: number;
  /** SQL: read, decrypted, loaded, indexes included. */
  readonly load: number;
  /** Binary log replayed. */
  readonly replay: number;
  /** SQL dumped and sealed. */
  readonly dump: number;
}

export type RoadWork = keyof RoadRates;

/** Until a host has measured its own: two cores that other programs used as well; cautious on anything newer. */
export const STARTING_ROAD_RATES: RoadRates = { unpack: 150e6, load: 8e6, replay: 6e6, dump: 40e6 };

/** What a road starts from. */
export interface RoadBase {
  /** Data files that are unpacked, or SQL that is loaded. */
  readonly method: BackupMethod;
  /** Plain bytes of its files. */
  readonly bytes: number;
  /** Plain bytes of binary log from there to the instant; null where the set is wanted as it is. */
  readonly replayBytes: number | null;
}

export interface RoadGoal {
  /** A new server of data files, or schemas of a server that runs. */
  readonly into: "instance" | "server";
  /** SQL bytes that are wanted in that server. */
  readonly wantedBytes: number;
}

/** An isolated server starts, and stops. */
const START_SECONDS = 3;

/**
 * Seconds that a road is expected to take; what every road to one goal has in common (checks, comparison afterwards) is left out. Infinity where it does
 * not lead there: no new server is made of SQL. Schemas of a server that runs get SQL in the end: data files, and whatever is replayed, come by way of an
 * isolated server that is dumped.
 */
export function roadSeconds({ method, bytes, replayBytes }: RoadBase, { into, wantedBytes }: RoadGoal, rates: RoadRates): number {
  const replay = (replayBytes ?? 0) / rates.replay;
  if (into === "instance") return isPhysical({ method }) ? START_SECONDS + bytes / rates.unpack + replay : Number.POSITIVE_INFINITY;
  const arrive = wantedBytes / rates.load;
  if (method === "dump" && replayBytes === null) return arrive;
  const stand = isPhysical({ method }) ? bytes / rates.unpack : bytes / rates.load;
  return START_SECONDS + stand + replay + wantedBytes / rates.dump + arrive;
}

/** A rate after one more measurement: half of it is the newest, so that it follows a host that changes and forgets an outlier. */
export function blendedRate(known: number | undefined, measured: number): number {
  return known === undefined ? measured : (known + measured) / 2;
}
