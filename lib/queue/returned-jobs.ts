import { type Job, Queue } from "bullmq";
import type { Redis } from "ioredis";
import { queueName } from "#lib/contract/jobs/registry.ts";

/** Ended jobs of a host's run lane that are still in the queue, and whether waiting ones are. */
export interface ReturnedJobs {
  /** Oldest first, at most a hundred. */
  list(host: string): Promise<Job[]>;
  /** Does the queue still know this job, in any state? */
  knows(host: string, jobId: string): Promise<boolean>;
  close(): Promise<void>;
}

/** @param redis fails fast while Redis is away */
export function openReturnedJobs(redis: Redis): ReturnedJobs {
  const queues = new Map<string, Queue>();
  const queueOf = (host: string): Queue => {
    const known = queues.get(host) ?? new Queue(queueName(host, "run"), { connection: redis, skipVersionCheck: true });
    if (!queues.has(host)) known.on("error", () => undefined);
    queues.set(host, known);
    return known;
  };
  return {
    list: (host) => queueOf(host).getJobs(["completed", "failed"], 0, 99, true),
    knows: async (host, jobId) => (await queueOf(host).getJob(jobId)) !== undefined,
    close: async () => void (await Promise.allSettled([...queues.values()].map((queue) => queue.close()))),
  };
}
