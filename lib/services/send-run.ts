import type { z } from "zod";
import type { JobDefinition } from "#lib/contract/jobs/definition.ts";
import { faultRecord } from "#lib/domain/fault/fault.ts";
import { endUnsent } from "#lib/store/run/end-unsent.ts";
import type { ServiceContext } from "./context.ts";

/**
 * Sends the job of a run whose row is committed. If the queue went away in between, the row says so and the caller gets the fault:
 * a run never stays «queued» without a job.
 */
export async function sendRun<N extends string, P extends z.ZodType, R extends z.ZodType>(context: ServiceContext, job: JobDefinition<N, P, R>, host: string, runId: string, payload: z.input<P>): Promise<void> {
  try {
    await context.queue.enqueue(job, host, payload, { jobId: runId });
  } catch (error) {
    await endUnsent(context.db, runId, faultRecord(error), new Date(context.clock.now()));
    throw error;
  }
}
