import type { z } from "zod";
import { applyState, cancelRun, listSwaps, planRestore, planSwap, probeDestination, probeServer, readSet, reindex } from "./control.ts";
import { resolveInstant, searchTransactions } from "./instants.ts";
import { backupDifferential, backupFull, backupIncremental, endSwap, restoreRun, swapRun, verifySet } from "./runs.ts";

/** Every job that may cross from console to worker. */
export const JOBS = {
  [backupFull.name]: backupFull,
  [backupDifferential.name]: backupDifferential,
  [backupIncremental.name]: backupIncremental,
  [verifySet.name]: verifySet,
  [restoreRun.name]: restoreRun,
  [swapRun.name]: swapRun,
  [endSwap.name]: endSwap,
  [applyState.name]: applyState,
  [cancelRun.name]: cancelRun,
  [probeServer.name]: probeServer,
  [probeDestination.name]: probeDestination,
  [planRestore.name]: planRestore,
  [planSwap.name]: planSwap,
  [listSwaps.name]: listSwaps,
  [readSet.name]: readSet,
  [reindex.name]: reindex,
  [resolveInstant.name]: resolveInstant,
  [searchTransactions.name]: searchTransactions,
} as const;

export type JobName = keyof typeof JOBS;
export type JobPayload<N extends JobName> = z.infer<(typeof JOBS)[N]["payload"]>;
export type JobResult<N extends JobName> = z.infer<(typeof JOBS)[N]["result"]>;

/** Queue of a host for a lane; no colon allowed in BullMQ's names. */
export function queueName(host: string, lane: "run" | "control"): string {
  return lane === "run" ? `host-${host}` : `control-${host}`;
}
