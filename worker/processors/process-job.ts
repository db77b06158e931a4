import { type JobName, type JobPayload, type JobResult, JOBS } from "#lib/contract/jobs/registry.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { answerApplyState, answerCancel, answerListSwaps, answerPlan, answerPlanSwap, answerProbeDestination, answerProbeServer, answerReadSet, answerReindex } from "./control-jobs.ts";
import { answerResolveInstant, answerSearchTransactions } from "./instant-jobs.ts";
import type { JobBench } from "./job-bench.ts";
import { runBackup, runDifferential, runEndSwap, runIncremental, runRestoreJob, runSwapJob, runVerify } from "./run-jobs.ts";

type Handlers = { readonly [N in JobName]: (bench: JobBench, payload: JobPayload<N>) => Promise<JobResult<N>> };

const HANDLERS: Handlers = {
  "backup-full": runBackup,
  "backup-differential": runDifferential,
  "backup-incremental": runIncremental,
  "verify-set": runVerify,
  "restore-run": runRestoreJob,
  "swap-run": runSwapJob,
  "end-swap": runEndSwap,
  "apply-state": answerApplyState,
  "cancel-run": answerCancel,
  "probe-server": answerProbeServer,
  "probe-destination": answerProbeDestination,
  "plan-restore": answerPlan,
  "plan-swap": answerPlanSwap,
  "list-swaps": answerListSwaps,
  "read-set": answerReadSet,
  reindex: answerReindex,
  "resolve-instant": answerResolveInstant,
  "search-transactions": answerSearchTransactions,
};

/** Does one verified job: payload checked against its schema, handled, result checked on the way out. Fault JOB_REFUSED for what is no job. */
export async function processJob(bench: JobBench, name: string, payload: unknown): Promise<unknown> {
  if (!isJobName(name)) throw new Fault("JOB_REFUSED", { params: { message: `unknown job ${name}` } });
  const parsed = JOBS[name].payload.safeParse(payload);
  if (!parsed.success) throw new Fault("JOB_REFUSED", { params: { message: `${name}: ${parsed.error.issues[0]?.message ?? "malformed"}` } });
  const handler = HANDLERS[name] as (bench: JobBench, payload: unknown) => Promise<unknown>;
  return JOBS[name].result.parse(await handler(bench, parsed.data));
}

function isJobName(name: string): name is JobName {
  return Object.hasOwn(JOBS, name);
}
