import type { ActiveRuns } from "#worker/host/active-runs.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";

/** What a job's handler works with. */
export interface JobBench {
  readonly host: HostRuntime;
  readonly runs: ActiveRuns;
}
