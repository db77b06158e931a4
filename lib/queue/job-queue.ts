import { type Job, Queue, QueueEvents } from "bullmq";
import type { Redis } from "ioredis";
import type { z } from "zod";
import type { JobDefinition } from "#lib/contract/jobs/definition.ts";
import { readFailure } from "#lib/contract/jobs/failure.ts";
import { queueName } from "#lib/contract/jobs/registry.ts";
import { CHANNELS } from "#lib/contract/pairing.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Clock } from "#lib/platform/clock.ts";
import { newId } from "#lib/platform/ids.ts";
import type { Secret } from "#lib/platform/secret.ts";
import { type SigningKey, signJob } from "#lib/platform/signing.ts";
import { consumerConnection, onRedis, producerConnection } from "./redis-connection.ts";

export interface JobQueueOptions {
  readonly url: Secret;
  readonly key: SigningKey;
  readonly clock: Clock;
}

/** The console's side of the queues: signs, sends, asks. Every method fails with Fault QUEUE_UNREACHABLE within seconds while Redis is away. */
export interface JobQueue {
  /** The console's raw public key, base64. */
  readonly consoleKey: string;
  /** For keys and streams of the contract (pairing, heartbeats); fail-fast. */
  readonly redis: Redis;
  /** Answer time of Redis, milliseconds. Call before a transaction whose rows make sense only with the job. */
  ping(): Promise<number>;
  /** Signs and sends. A job id that is known already is not sent twice. */
  enqueue<N extends string, P extends z.ZodType, R extends z.ZodType>(job: JobDefinition<N, P, R>, host: string, payload: z.input<P>, options: { jobId: string }): Promise<void>;
  /**
   * Sends and waits for the worker's checked answer.
   * @throws Fault HOST_SILENT when the worker gives no sign of life or does not answer in time; the worker's own fault otherwise
   */
  ask<N extends string, P extends z.ZodType, R extends z.ZodType>(job: JobDefinition<N, P, R>, host: string, payload: z.input<P>, timeoutMs: number): Promise<z.output<R>>;
  /** Takes a job back that no worker has started; false when it is too late for that. */
  withdraw(job: { readonly lane: "run" | "control" }, host: string, jobId: string): Promise<boolean>;
  close(): Promise<void>;
}

export function openJobQueue(options: JobQueueOptions): JobQueue {
  const redis = producerConnection(options.url);
  const queues = new Map<string, Queue>();
  const listeners = new Map<string, { events: QueueEvents; connection: Redis }>();

  const queueOf = (name: string): Queue => {
    const known = queues.get(name);
    if (known) return known;
    const queue = new Queue(name, { connection: redis, skipVersionCheck: true });
    queue.on("error", () => undefined);
    queues.set(name, queue);
    return queue;
  };
  const eventsOf = async (name: string): Promise<QueueEvents> => {
    const known = listeners.get(name);
    if (known) return known.events;
    const connection = consumerConnection(options.url);
    const events = new QueueEvents(name, { connection });
    events.on("error", () => undefined);
    listeners.set(name, { events, connection });
    await events.waitUntilReady();
    return events;
  };
  const send = (job: JobDefinition<string, z.ZodType, z.ZodType>, host: string, payload: unknown, jobId: string): Promise<Job> => {
    const envelope = signJob(options.key, { host, name: job.name, payload: job.payload.parse(payload), now: options.clock.now(), validSeconds: job.validSeconds });
    return onRedis(redis, () =>
      queueOf(queueName(host, job.lane)).add(job.name, envelope, {
        jobId,
        attempts: job.attempts,
        // the controller reads the results of runs and removes them; the week is for a controller that was away
        removeOnComplete: job.lane === "run" ? { age: 7 * 24 * 3600 } : { age: 3600, count: 200 },
        removeOnFail: job.lane === "run" ? { age: 7 * 24 * 3600 } : { age: 3600, count: 200 },
      }),
    );
  };

  return {
    consoleKey: options.key.publicKey,
    redis,
    async ping() {
      const began = performance.now();
      await onRedis(redis, () => redis.ping());
      return Math.round((performance.now() - began) * 10) / 10;
    },
    async enqueue(job, host, payload, { jobId }) {
      await send(job, host, payload, jobId);
    },
    async ask(job, host, payload, timeoutMs) {
      await requireAlive(redis, host);
      const events = await within(timeoutMs, eventsOf(queueName(host, job.lane)), host);
      const sent = await send(job, host, payload, `ask-${newId(options.clock.now())}`);
      return job.result.parse(await answerOf(sent, events, timeoutMs, host));
    },
    async withdraw(job, host, jobId) {
      const queue = queueOf(queueName(host, job.lane));
      return onRedis(redis, async () => {
        const waiting = await queue.getJob(jobId);
        if (!waiting || (await waiting.isActive())) return false;
        return waiting.remove().then(
          () => true,
          () => false,
        );
      });
    },
    async close() {
      await Promise.allSettled([...listeners.values()].map(({ events }) => events.close()));
      for (const { connection } of listeners.values()) connection.disconnect();
      await Promise.allSettled([...queues.values()].map((queue) => queue.close()));
      redis.disconnect();
    },
  };
}

/** A worker without heartbeat would let the caller wait for nothing. */
async function requireAlive(redis: Redis, host: string): Promise<void> {
  const beat = await onRedis(redis, () => redis.get(CHANNELS.heartbeat + host));
  if (beat === null) throw new Fault("HOST_SILENT", { params: { host, since: "more than a minute ago" } });
}

async function answerOf(job: Job, events: QueueEvents, timeoutMs: number, host: string): Promise<unknown> {
  try {
    return await job.waitUntilFinished(events, timeoutMs);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (/timed out before finishing/.test(message)) {
      await job.remove().catch(() => undefined);
      throw new Fault("HOST_SILENT", { params: { host, since: `before this question, ${Math.round(timeoutMs / 1000)} s ago` }, cause: error });
    }
    if (/Connection is closed|ECONN|Command timed out|Stream isn't writeable/i.test(message)) throw new Fault("QUEUE_UNREACHABLE", { cause: error });
    const record = readFailure(message);
    throw new Fault(record.code, { params: record.params, retryable: record.retryable, ...(record.detail ? { detail: record.detail } : {}), cause: error });
  }
}

async function within<T>(ms: number, promise: Promise<T>, host: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Fault("QUEUE_UNREACHABLE", { params: { host } })), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
