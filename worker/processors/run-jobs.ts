import type { RunCause } from "#lib/contract/events.ts";
import type { JobPayload, JobResult } from "#lib/contract/jobs/registry.ts";
import { Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { isFaultCode } from "#lib/domain/fault/table.ts";
import { localTime } from "#lib/domain/schedule/local-time.ts";
import { newId } from "#lib/platform/ids.ts";
import type { RunContext, RunEnd } from "#worker/host/run-context.ts";
import { requirePolicy } from "#worker/host/runtime.ts";
import { backupIncremental, INCREMENTAL_STAGES } from "#worker/pipelines/archive/incremental.ts";
import { backupDifferential, backupFull, backupStages } from "#worker/pipelines/backup/index.ts";
import { dropReplaced, endLostSwap, SWAP_ENDS } from "#worker/pipelines/restore/swap/end-swap.ts";
import { runSwap, SWAP_STAGES } from "#worker/pipelines/restore/swap/run-swap.ts";
import { RESTORE_STAGES, runRestore } from "#worker/pipelines/restore/index.ts";
import { INTACT_STAGES, PROVEN_STAGES, verifySet } from "#worker/pipelines/verify/index.ts";
import { setToProve } from "#worker/pipelines/verify/set-to-prove.ts";
import type { JobBench } from "./job-bench.ts";

export function runBackup(bench: JobBench, payload: JobPayload<"backup-full">): Promise<JobResult<"backup-full">> {
  return runAndProve(bench, "backup-full", backupFull, payload);
}

export function runDifferential(bench: JobBench, payload: JobPayload<"backup-differential">): Promise<JobResult<"backup-differential">> {
  return runAndProve(bench, "backup-differential", backupDifferential, payload);
}

/** Takes a backup, then, where the policy says so, its restore test as a run of its own: a failed test never unmakes the backup. */
async function runAndProve(bench: JobBench, kind: "backup-full" | "backup-differential", backup: typeof backupFull, payload: JobPayload<"backup-full">): Promise<JobResult<"backup-full">> {
  const { host, runs } = bench;
  const policy = requirePolicy(host.settings, payload.policy);
  const start = { kind, trigger: payload.trigger, server: policy.server, policy: policy.name, setId: payload.runId, stages: backupStages(policy, kind), ...asker(payload) } as const;
  const end = await runs.conduct(payload.runId, start, (context) => {
    tellCause(context, payload.cause);
    return backup(context, host, policy.name);
  });
  if (end.value && policy.restoreTest) {
    await runVerify(bench, { runId: newId(host.clock.now()), trigger: "after-backup", server: policy.server, setId: await setToProve(host, policy, { files: end.value.summary.setId, sql: end.value.twin?.setId }), level: "proven", ...asker({ requestedBy: payload.requestedBy }) });
  }
  return { ...ended(payload.runId, end), ...(end.value ? { set: end.value.summary } : {}) };
}

/** Closes the current binary log of the policy's server, brings everything up to it everywhere and proves the chain. */
export async function runIncremental({ host, runs }: JobBench, payload: JobPayload<"backup-incremental">): Promise<JobResult<"backup-incremental">> {
  const policy = requirePolicy(host.settings, payload.policy);
  const start = { kind: "backup-incremental", trigger: payload.trigger, server: policy.server, policy: policy.name, stages: INCREMENTAL_STAGES, ...asker(payload) } as const;
  const end = await runs.conduct(payload.runId, start, (context) => {
    tellCause(context, payload.cause);
    return backupIncremental(context, host, policy.server);
  });
  return { ...ended(payload.runId, end), ...(end.value ? { incremental: end.value } : {}) };
}

export async function runVerify({ host, runs }: JobBench, payload: JobPayload<"verify-set">): Promise<JobResult<"verify-set">> {
  const stages = payload.level === "proven" ? PROVEN_STAGES : INTACT_STAGES;
  const start = { kind: "verify", trigger: payload.trigger, server: payload.server, setId: payload.setId, stages, ...asker(payload) } as const;
  const request = { server: payload.server, setId: payload.setId, level: payload.level, ...(payload.destination ? { destination: payload.destination } : {}) };
  const end = await runs.conduct(payload.runId, start, (context) => verifySet(context, host, request));
  return { ...ended(payload.runId, end), ...(end.value ? { level: end.value.verification.level, restoreTest: end.value.verification.restoreTest } : {}) };
}

export async function runRestoreJob({ host, runs }: JobBench, payload: JobPayload<"restore-run">): Promise<JobResult<"restore-run">> {
  const { request } = payload.plan;
  const start = { kind: "restore", trigger: payload.trigger, server: request.server, setId: request.setId, stages: RESTORE_STAGES, requestedBy: payload.requestedBy } as const;
  const end = await runs.conduct(payload.runId, start, (context) => runRestore(context, host, payload.plan, payload.typedName));
  return ended(payload.runId, end);
}

export async function runSwapJob({ host, runs }: JobBench, payload: JobPayload<"swap-run">): Promise<JobResult<"swap-run">> {
  const start = { kind: "swap", trigger: payload.trigger, server: payload.plan.request.server, stages: SWAP_STAGES, requestedBy: payload.requestedBy } as const;
  return ended(payload.runId, await runs.conduct(payload.runId, start, (context) => runSwap(context, host, payload.plan, payload.typedName)));
}

export async function runEndSwap({ host, runs }: JobBench, { runId, trigger, requestedBy, server, swap, end, typedName }: JobPayload<"end-swap">): Promise<JobResult<"end-swap">> {
  const start = { kind: "swap", trigger, server, stages: SWAP_ENDS[end], requestedBy } as const;
  return ended(runId, await runs.conduct<unknown>(runId, start, (context) => (end === "recover" ? endLostSwap(context, host, swap) : dropReplaced(context, host, swap, typedName))));
}

function ended(runId: string, end: RunEnd<unknown>): { runId: string; outcome: RunEnd<unknown>["outcome"]; seconds: number; lastSeq: number; fault?: NonNullable<RunEnd<unknown>["fault"]> } {
  return { runId, outcome: end.outcome, seconds: end.seconds, lastSeq: end.lastSeq, ...(end.fault ? { fault: end.fault } : {}) };
}

function asker(payload: { requestedBy?: string | undefined; cause?: RunCause | undefined }): { requestedBy?: string; cause?: RunCause } {
  return { ...(payload.requestedBy ? { requestedBy: payload.requestedBy } : {}), ...(payload.cause ? { cause: payload.cause } : {}) };
}

/** What somebody should know who reads the run: that it is late, or what went wrong before it. */
function tellCause(context: RunContext, cause: RunCause | undefined): void {
  if (cause?.type === "archive-gap" && isFaultCode(cause.fault.code)) context.finding("warning", { ...cause.fault, code: cause.fault.code });
  if (cause?.type !== "schedule" || !cause.late) return;
  const minutes = Math.round((context.clock.now() - Date.parse(cause.dueAt)) / 60_000);
  context.finding("warning", faultRecord(new Fault("SCHEDULE_LATE", { params: { schedule: cause.schedule, at: localTime(Date.parse(cause.dueAt), cause.timeZone), minutes } })));
}
