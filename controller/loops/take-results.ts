import type { Job } from "bullmq";
import { z } from "zod";
import { runOutcome } from "#lib/contract/events.ts";
import { readFailure } from "#lib/contract/jobs/failure.ts";
import { faultRecord } from "#lib/contract/names.ts";
import { isFaultCode } from "#lib/domain/fault/table.ts";
import { openReturnedJobs } from "#lib/queue/returned-jobs.ts";
import { type JobOutcome, recordResult } from "#lib/store/run/record-result.ts";
import { keepGoing } from "./keep-going.ts";
import type { LoopSetting } from "./setting.ts";

/** The part of every run job's result that decides (contract/jobs/runs.ts). */
const ended = z.object({ outcome: runOutcome, fault: faultRecord.optional(), lastSeq: z.number().int() });

/** Takes the results of returned jobs, also those that came back while the controller was away, and then removes the jobs. */
export async function takeResults(setting: LoopSetting): Promise<void> {
  const jobs = openReturnedJobs(setting.queue.redis);
  try {
    await keepGoing(setting, "take-results", 3_000, async () => {
      await setting.queue.ping();
      for (const { name } of await setting.db.host.findMany({ select: { name: true } })) {
        for (const job of await jobs.list(name)) {
          await recordResult(setting.db, name, outcomeOf(job));
          await job.remove();
        }
      }
    });
  } finally {
    await jobs.close();
  }
}

function outcomeOf(job: Job): JobOutcome {
  const runId = job.id ?? "";
  const at = new Date(job.finishedOn ?? job.timestamp);
  if (job.failedReason) {
    const fault = readFailure(job.failedReason);
    const outcome = fault.code === "INTERRUPTED" ? "interrupted" : fault.code === "CANCELLED" ? "cancelled" : "failed";
    return { runId, outcome, fault, lastSeq: null, at };
  }
  const result = ended.safeParse(job.returnvalue);
  if (!result.success) return { runId, outcome: "failed", fault: { code: "UNEXPECTED", params: { message: "the worker returned no readable result" }, retryable: false }, lastSeq: null, at };
  const { fault, outcome, lastSeq } = result.data;
  const known = fault ? { ...fault, code: isFaultCode(fault.code) ? fault.code : ("UNEXPECTED" as const) } : null;
  return { runId, outcome, fault: known, lastSeq, at };
}
