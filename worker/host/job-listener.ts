import { join } from "node:path";
import { type Job, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { failureMessage } from "#lib/contract/jobs/failure.ts";
import { queueName } from "#lib/contract/jobs/registry.ts";
import { faultRecord } from "#lib/domain/fault/fault.ts";
import type { Clock } from "#lib/platform/clock.ts";
import type { Logger } from "#lib/platform/log.ts";
import { verifyJob } from "#lib/platform/signing.ts";
import { readNumbers, replaceFile } from "./replace-file.ts";

const CONTROL_CONCURRENCY = 4;

export interface JobListenerOptions {
  readonly redis: () => Redis;
  readonly host: string;
  readonly consoleKey: string;
  readonly stateDir: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Does one job whose signature, host, age and nonce were checked. */
  readonly work: (name: string, payload: unknown) => Promise<unknown>;
}

/**
 * Takes jobs from the host's two queues: long runs one at a time, short questions beside them. Nothing unsigned, stale, replayed or meant for another
 * host gets through. A stalled job is not started again (maxStalledCount 0): the journal of its run tells what became of it.
 */
export function listenForJobs(options: JobListenerOptions): { close(): Promise<void> } {
  const nonces = new NonceBook(join(options.stateDir, "nonces.json"), options.clock);
  const take = async (job: Job): Promise<unknown> => {
    try {
      const { name, payload } = await verifyJob(job.data, { consoleKey: options.consoleKey, host: options.host, now: options.clock.now(), seenNonce: (nonce, until) => nonces.seen(nonce, until) });
      return await options.work(name, payload);
    } catch (error) {
      options.log.warn({ job: job.name, err: error }, "job failed");
      throw new Error(failureMessage(faultRecord(error)));
    }
  };
  const connections: Redis[] = [];
  const workers = (["run", "control"] as const).map((lane) => {
    const connection = options.redis();
    connections.push(connection);
    const worker = new Worker(queueName(options.host, lane), take, { connection, concurrency: lane === "run" ? 1 : CONTROL_CONCURRENCY, maxStalledCount: 0, lockDuration: 60_000 });
    worker.on("error", (error) => options.log.debug({ err: error }, "queue"));
    return worker;
  });
  return {
    async close() {
      await Promise.race([Promise.allSettled(workers.map((worker) => worker.close())), new Promise((resolve) => setTimeout(resolve, 20_000).unref())]);
      for (const connection of connections) connection.disconnect();
    },
  };
}

/** Nonces of jobs taken, on disk so that a restart does not forget them; expired ones are dropped. */
class NonceBook {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #until: Map<string, number>;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
    this.#until = readNumbers(path);
  }

  /** True when seen before; otherwise remembers it first, durably. */
  seen(nonce: string, expiresAt: number): boolean {
    if (this.#until.has(nonce)) return true;
    const now = this.#clock.now();
    for (const [old, until] of this.#until) if (until < now) this.#until.delete(old);
    this.#until.set(nonce, expiresAt);
    replaceFile(this.#path, JSON.stringify(Object.fromEntries(this.#until)));
    return false;
  }
}
