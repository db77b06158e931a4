import type { RoadRates } from "./roads.ts";

/** Bytes a second that this host reached, or starting values: see {@link STARTING_RATES}. */
export interface RestoreRates {
  /** Sealed bytes read from a destination. */
  readonly download: number;
  /** Plain SQL bytes loaded, indexes included. */
  readonly load: number;
  /** Plain SQL bytes compared afterwards. */
  readonly verify: number;
  /** Plain SQL bytes dumped and sealed. */
  readonly backup: number;
}

/** Measured on two cores that other programs used as well; cautious on anything newer. */
export const STARTING_RATES: RestoreRates = { download: 40e6, load: 8e6, verify: 40e6, backup: 40e6 };

export interface RestoreVolume {
  readonly sealedBytes: number;
  readonly plainBytes: number;
  /** Plain bytes of the safety copy; 0 when none is taken. */
  readonly safetyBytes: number;
  readonly tables: number;
}

export type StepTime = readonly [likely: number, slow: number];

const SLOW = 2.5;
const PER_TABLE_SECONDS = 0.05;

/** Seconds of each step, likely and slow (p50, p90 as far as known rates tell). Loading and downloading overlap: the load step holds both. */
export function estimateSteps(volume: RestoreVolume, rates: RestoreRates = STARTING_RATES): Record<"check" | "safeguard" | "download" | "load" | "verify" | "finish", StepTime> {
  const time = (seconds: number): StepTime => [Math.ceil(seconds), Math.ceil(seconds * SLOW)];
  const perTable = volume.tables * PER_TABLE_SECONDS;
  return {
    check: time(2),
    safeguard: volume.safetyBytes > 0 ? time(3 + volume.safetyBytes / rates.backup) : [0, 0],
    download: time(volume.sealedBytes / rates.download),
    load: time(perTable + volume.plainBytes / rates.load),
    verify: time(perTable + volume.plainBytes / rates.verify),
    finish: time(1),
  };
}

/** Plain bytes a second of tables that are counted and checked. Same machine as above. */
const CHECK_RATE = 200e6;

/** Bytes of binary log that are fetched and opened a second. */
const FETCH_RATE = 100e6;

/** Seconds of each step of making a new server of data files, likely and slow. Starting it is part of loading. `replayBytes`: plain binary logs behind them. */
export function estimateInstance({ plainBytes, tables, replayBytes }: Pick<RestoreVolume, "plainBytes" | "tables"> & { readonly replayBytes: number }, rates: Pick<RoadRates, "unpack" | "replay">): Record<"check" | "prepare" | "load" | "replay" | "verify" | "finish", StepTime> {
  const time = (seconds: number): StepTime => [Math.ceil(seconds), Math.ceil(seconds * SLOW)];
  const compared = tables * PER_TABLE_SECONDS + plainBytes / CHECK_RATE;
  return {
    check: time(1),
    prepare: time(1 + replayBytes / FETCH_RATE),
    load: time(3 + plainBytes / rates.unpack),
    replay: time(compared + 2 + replayBytes / rates.replay),
    verify: time(compared),
    finish: time(2),
  };
}
