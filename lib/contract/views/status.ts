import type { ProtectionReason, ProtectionState } from "#lib/domain/objective/protection.ts";
import type { ScheduleKind } from "../config/desired-state.ts";
import type { Heartbeat } from "../pairing.ts";
import type { SetRow } from "./backup.ts";
import type { RunRow, RunState } from "./run.ts";

export interface ServerProtection {
  readonly server: string;
  readonly environment: string;
  readonly host: string;
  readonly state: ProtectionState;
  readonly reasons: readonly ProtectionReason[];
  readonly lastSet: SetRow | null;
  readonly lastProven: SetRow | null;
}

/** `up`: answered lately. `late`: quiet for over 30 s. `down`: failed or quiet for over two minutes. */
export type ServiceState = "up" | "late" | "down" | "unknown";

export interface ServiceStatus {
  readonly kind: "postgres" | "redis" | "worker" | "server";
  readonly name: string;
  readonly state: ServiceState;
  /** Answer time for postgres and redis, milliseconds. */
  readonly latencyMs: number | null;
  /** Age of the last sign of life, seconds. */
  readonly ageSeconds: number | null;
  readonly detail: string | null;
}

export interface DestinationSpace {
  readonly destination: string;
  readonly host: string;
  readonly kind: string;
  /** From the last probe; null where never measured or the place cannot tell. */
  readonly totalBytes: number | null;
  readonly freeBytes: number | null;
  readonly measuredAt: string | null;
  /** Bytes of our copies there, by the catalog. */
  readonly usedBytes: number;
  readonly copies: number;
}

/** A day (local to the reader's zone) of runs. */
export interface DayCount {
  /** `2026-11-23`. */
  readonly day: string;
  readonly completed: number;
  readonly warning: number;
  readonly failed: number;
  /** Cancelled, interrupted, missed. */
  readonly other: number;
}

export interface NextFire {
  readonly schedule: string;
  readonly kind: ScheduleKind;
  readonly policy: string;
  readonly server: string;
  readonly at: string;
  readonly timeZone: string;
}

export interface Dashboard {
  readonly at: string;
  readonly state: ProtectionState;
  readonly reasons: readonly ProtectionReason[];
  readonly servers: readonly ServerProtection[];
  readonly lastSet: SetRow | null;
  readonly lastProven: SetRow | null;
  /** Measured by the last restore test, seconds. */
  readonly restoreSeconds: number | null;
  readonly destinations: readonly DestinationSpace[];
  readonly services: readonly ServiceStatus[];
  readonly heartbeats: readonly Heartbeat[];
  /** Newest first: everything queued, running, waiting or unknown. */
  readonly activeRuns: readonly RunRow[];
  readonly recentRuns: readonly RunRow[];
  /** Oldest first, 30 days, days without runs included. */
  readonly days: readonly DayCount[];
  readonly byState: Partial<Record<RunState, number>>;
  readonly nextFires: readonly NextFire[];
  /** Policies that «back up now» can offer to this reader; those that archive binary logs for an incremental as well, those that dump for a differential. */
  readonly policies: readonly { readonly name: string; readonly label: string; readonly server: string; readonly archive: boolean; readonly differentials: boolean }[];
  readonly pendingHosts: number;
  /** Swaps that were cut off in the last days and that nothing has ended since. */
  readonly lostSwaps: readonly { readonly runId: string; readonly server: string }[];
}
