import type { Progress, RunCause, RunEvent, RunKind, Trigger } from "../events.ts";

/** Every state a run can be in. `unknown`: its worker has been silent for two minutes while it ran. */
export const RUN_STATES = ["queued", "running", "waiting", "completed", "warning", "failed", "cancelled", "interrupted", "missed", "unknown"] as const;
export type RunState = (typeof RUN_STATES)[number];

/** States from which a run does not move any more. */
export const ENDED_STATES: readonly RunState[] = ["completed", "warning", "failed", "cancelled", "interrupted", "missed"];

/** A fault as it is stored; turn it into text with `faultText`. */
export interface FaultView {
  readonly code: string;
  readonly params: Record<string, string | number>;
  readonly retryable: boolean;
  readonly detail?: string | undefined;
}

export interface StageView {
  readonly name: string;
  /** Absent until it starts; instant, UTC. */
  readonly startedAt?: string | undefined;
  /** Absent until it ends. */
  readonly seconds?: number | undefined;
  readonly ok?: boolean | undefined;
}

/** One line of the activity table. Instants are ISO-8601 UTC. */
export interface RunRow {
  readonly id: string;
  readonly kind: RunKind;
  readonly state: RunState;
  readonly trigger: Trigger;
  readonly host: string;
  readonly server: string | null;
  readonly environment: string | null;
  readonly policy: string | null;
  readonly setId: string | null;
  readonly requestedBy: string | null;
  readonly cause: RunCause | null;
  readonly queuedAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** Between start and end; null while it runs. */
  readonly seconds: number | null;
  readonly bytes: number | null;
  /** Stage it is in, or was in last. */
  readonly stage: string | null;
  readonly progress: Progress | null;
  readonly fault: FaultView | null;
}

export interface RunDetail extends RunRow {
  readonly stages: readonly StageView[];
  readonly result: Record<string, unknown> | null;
  /** Highest journal number known here; ask for the events after it. */
  readonly lastSeq: number;
  readonly cancelAskedBy: string | null;
  /** May this reader cancel it now? */
  readonly canCancel: boolean;
  readonly lastEventAt: string | null;
}

/** One journal line as shown in the live log. */
export interface RunEventView {
  readonly seq: number;
  readonly at: string;
  readonly body: RunEvent["body"];
}

export interface RunPage {
  readonly rows: readonly RunRow[];
  /** Rows that fit the filters, over all pages. */
  readonly total: number;
  readonly page: number;
  readonly pageSize: number;
  readonly pages: number;
  /** Names for the filter boxes: every server with runs that this reader may see. */
  readonly servers: readonly string[];
}
