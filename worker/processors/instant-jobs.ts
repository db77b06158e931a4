import { ANSWER_MS } from "#lib/contract/jobs/instants.ts";
import type { JobPayload, JobResult } from "#lib/contract/jobs/registry.ts";
import { faultRecord } from "#lib/domain/fault/fault.ts";
import { resolveInstant } from "#worker/pipelines/restore/instant/resolve-instant.ts";
import { searchTransactions } from "#worker/pipelines/restore/instant/search-transactions.ts";
import type { JobBench } from "./job-bench.ts";

/** Reasons against an instant come back as faults, not as errors. Nobody waits longer than {@link ANSWER_MS}. */
export async function answerResolveInstant({ host }: JobBench, payload: JobPayload<"resolve-instant">): Promise<JobResult<"resolve-instant">> {
  try {
    return { ok: true, ...(await resolveInstant(host, payload, AbortSignal.timeout(ANSWER_MS))) };
  } catch (error) {
    return { ok: false, faults: [faultRecord(error)] };
  }
}

export async function answerSearchTransactions({ host }: JobBench, query: JobPayload<"search-transactions">): Promise<JobResult<"search-transactions">> {
  return searchTransactions(host, query, AbortSignal.timeout(ANSWER_MS));
}
