import type { WantedInstant } from "#lib/contract/recovery/instant.ts";

export interface InstantRequest {
  readonly server: string;
  readonly wanted: WantedInstant;
  readonly skip: readonly string[];
  /** Only this full; absent = of the proven ones that stand before the instant the one with the fastest road, else of all. */
  readonly setId?: string | undefined;
  readonly destination?: string | undefined;
  /** What the full is to become: a new server is made of data files only. Default: schemas of a server that runs. */
  readonly into?: "instance" | "server" | undefined;
}

/** The instant for people. */
export function instantText(wanted: WantedInstant): string {
  if (wanted.kind === "time") return timeText(BigInt(wanted.at));
  return wanted.kind === "position" ? `${wanted.file}:${wanted.position}` : `${wanted.kind} ${wanted.gtid}`;
}

/** ISO-8601, UTC, to the microsecond. */
export function timeText(micros: bigint): string {
  return `${new Date(Number(micros / 1000n)).toISOString().slice(0, -1)}${String(micros % 1000n).padStart(3, "0")}Z`;
}
