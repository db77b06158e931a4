import { Redis } from "ioredis";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Secret } from "#lib/platform/secret.ts";

/** For asking and ordering: every command fails within seconds while Redis is away, and works again when it is back. */
export function producerConnection(url: Secret): Redis {
  return quiet(new Redis(url.reveal(), { maxRetriesPerRequest: 1, enableOfflineQueue: false, connectTimeout: 2_000, commandTimeout: 4_000, retryStrategy: backOff }));
}

/** For blocking reads that must survive a Redis restart: commands wait until it is back. */
export function consumerConnection(url: Secret): Redis {
  return quiet(new Redis(url.reveal(), { maxRetriesPerRequest: null, connectTimeout: 5_000, retryStrategy: backOff }));
}

/** Waits up to two seconds for the first connection. @throws Fault QUEUE_UNREACHABLE */
export async function requireReady(redis: Redis): Promise<void> {
  if (redis.status === "ready") return;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => done(new Fault("QUEUE_UNREACHABLE")), 2_000);
    const onReady = () => done();
    const done = (fault?: Fault) => {
      clearTimeout(timer);
      redis.off("ready", onReady);
      if (fault) reject(fault);
      else resolve();
    };
    redis.once("ready", onReady);
  });
}

/** Runs a command; any failure to reach Redis becomes Fault QUEUE_UNREACHABLE. */
export async function onRedis<T>(redis: Redis, command: () => Promise<T>): Promise<T> {
  await requireReady(redis);
  try {
    return await command();
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault("QUEUE_UNREACHABLE", { cause: error });
  }
}

function backOff(attempt: number): number {
  return Math.min(200 * attempt, 2_000);
}

/** ioredis reports each failed attempt to connect as an event; the callers get the fault from their command. */
function quiet(redis: Redis): Redis {
  redis.on("error", () => undefined);
  return redis;
}
