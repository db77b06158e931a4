import { join } from "node:path";
import { blendedRate, type RoadRates, type RoadWork, STARTING_ROAD_RATES } from "#lib/domain/recovery/roads.ts";
import { readNumbers, replaceFile } from "./replace-file.ts";
import type { HostRuntime } from "./runtime.ts";

/** In less, starting and ending programs takes longer than the work. Bytes. */
const SMALLEST_SAMPLE = 16 * 1024 * 1024;

/** Bytes a second of each kind of work on this host, out of its earlier runs; starting values for what it never did. */
export function roadRates({ folders }: Pick<HostRuntime, "folders">): RoadRates {
  const measured = [...readNumbers(rateFile(folders.state))].filter(([, rate]) => rate > 0);
  return { ...STARTING_ROAD_RATES, ...Object.fromEntries(measured) };
}

/** Remembers how fast something went. `bytes`: plain. Only an estimate hangs on it: what cannot be written is passed over. */
export function noteRate({ folders, log }: Pick<HostRuntime, "folders" | "log">, work: RoadWork, bytes: number, seconds: number): void {
  if (bytes < SMALLEST_SAMPLE || seconds <= 0) return;
  const file = rateFile(folders.state);
  const rates = readNumbers(file);
  rates.set(work, Math.round(blendedRate(rates.get(work), bytes / seconds)));
  try {
    replaceFile(file, JSON.stringify(Object.fromEntries(rates)));
  } catch (error) {
    log.warn({ err: error }, "how fast this host is could not be kept");
  }
}

function rateFile(state: string): string {
  return join(state, "rates.json");
}
