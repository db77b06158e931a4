import type { RecoveryReport } from "../archive/window.ts";
import type { SetLevel } from "./backup.ts";
import type { RunState } from "./run.ts";

/** A backup on the axis. */
export interface TimelinePoint {
  readonly id: string;
  readonly kind: "full" | "differential";
  /** Its snapshot; ISO-8601, UTC. */
  readonly at: string;
  readonly level: SetLevel;
}

/** Something that happened on a server and left a mark. */
export interface TimelineEvent {
  readonly at: string;
  readonly kind: "restore" | "failed-backup";
  readonly runId: string;
  readonly state: RunState;
}

/** All that is known of the instants to which a server can be brought back. Each list oldest first. */
export interface TimelineView {
  readonly server: string;
  readonly environment: string;
  /** The present, by the console's clock. */
  readonly at: string;
  readonly points: readonly TimelinePoint[];
  /** Null where no archive of binary logs runs: then only the points themselves can be reached. */
  readonly recovery: RecoveryReport | null;
  /** When the worker last gave a sign of life; what it told is that old. */
  readonly heardAt: string | null;
  readonly events: readonly TimelineEvent[];
}
