import type { RestorePlan } from "../recovery/restore.ts";
import type { SwapPlan } from "../recovery/swap.ts";
import type { FaultView } from "./run.ts";

/** A stored plan, as the confirm page shows it. */
export interface PlanView {
  readonly plan: RestorePlan;
  readonly requestedBy: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly expired: boolean;
  /** Set once it was started. */
  readonly runId: string | null;
  /** May this reader start it? In-place is for a DBA. */
  readonly canStart: boolean;
}

/** A plan, or the reasons why there can be none. */
export type PlanOutcome = { readonly ok: true; readonly plan: PlanView } | { readonly ok: false; readonly faults: readonly FaultView[] };

/** A stored plan of a swap, as its page shows it. */
export interface SwapPlanView {
  readonly plan: SwapPlan;
  readonly requestedBy: string;
  readonly expiresAt: string;
  readonly expired: boolean;
  /** Set once it was started. */
  readonly runId: string | null;
  readonly canStart: boolean;
}

/** The plan of a swap by its id, or the reasons why there can be none. */
export type SwapOutcome = { readonly ok: true; readonly planId: string } | { readonly ok: false; readonly faults: readonly FaultView[] };
