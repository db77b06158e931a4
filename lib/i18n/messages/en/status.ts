import type { status as it } from "../it/status.ts";

export const status: typeof it = {
  scheduled: "Scheduled",
  queued: "Queued",
  running: "Running",
  waiting: "Waiting",
  completed: "Completed",
  stored: "Stored",
  intact: "Intact",
  proven: "Proven",
  warning: "With warnings",
  failed: "Failed",
  refused: "Proof refused",
  corrupt: "Corrupt",
  missing: "Missing",
  unreachable: "Unreachable",
  missed: "Missed",
  interrupted: "Interrupted, to be checked",
  cancelled: "Cancelled",
  expired: "Expired",
  protected: "Protected",
  unknown: "Unknown",
};
