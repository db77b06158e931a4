import type { FoundTransaction } from "../archive/transaction-search.ts";
import type { ReplayBoundary } from "../recovery/instant.ts";
import type { FaultView } from "./run.ts";

/** Where an instant leads, or why nowhere. */
export type InstantOutcome =
  | { readonly ok: true; readonly setId: string; readonly boundary: ReplayBoundary }
  | { readonly ok: false; readonly faults: readonly FaultView[] };

/** Transactions that may have destroyed something, newest first. */
export interface DangerPage {
  readonly transactions: readonly FoundTransaction[];
  /** There are more than these. */
  readonly truncated: boolean;
  /** Archived files that could not be looked into, and why. */
  readonly unread: readonly { readonly file: string; readonly fault: FaultView }[];
}
