import { CHANNELS, type PairingAnswer, type PairingHello, pairingHello } from "#lib/contract/pairing.ts";
import type { JobQueue } from "./job-queue.ts";
import { onRedis } from "./redis-connection.ts";

/** Hellos of workers that wait; malformed ones are left out. Nothing in them is proven yet. */
export async function waitingHosts(queue: JobQueue): Promise<PairingHello[]> {
  const fields = await onRedis(queue.redis, () => queue.redis.hgetall(CHANNELS.pairing));
  return Object.values(fields).flatMap((text) => parseHello(text) ?? []);
}

/** Publishes the answer for ten minutes and takes the hello away. */
export async function answerHost(queue: JobQueue, hello: PairingHello, answer: PairingAnswer): Promise<void> {
  await onRedis(queue.redis, async () => {
    await queue.redis.set(CHANNELS.pairingAnswer + hello.fingerprint, JSON.stringify(answer), "EX", 600);
    await queue.redis.hdel(CHANNELS.pairing, hello.host);
  });
}

function parseHello(text: string): PairingHello | null {
  try {
    return pairingHello.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
