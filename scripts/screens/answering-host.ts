import { Worker } from "bullmq";
import { Redis } from "ioredis";
import type { JobEnvelope } from "#lib/contract/jobs/envelope.ts";
import { queueName } from "#lib/contract/jobs/registry.ts";
import { CHANNELS } from "#lib/contract/pairing.ts";
import { HOST } from "./seed.ts";
import { seededMistake } from "./seed-instant.ts";
import type { SeededSwaps } from "./seed-swaps.ts";

/** Answers what pages ask their host while they are drawn, out of what was seeded. Only for pictures: there is no database server behind it. Gives its end. */
export async function answerAsHost(redisUrl: string, seeded: { readonly done: string; readonly swaps: SeededSwaps }): Promise<() => Promise<void>> {
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const alive = async (): Promise<void> => void (await connection.set(CHANNELS.heartbeat + HOST, "{}", "EX", 60));
  await alive();
  const beating = setInterval(() => void alive().catch(() => undefined), 20_000);
  const answers: Readonly<Record<string, (server: string) => unknown>> = {
    "resolve-instant": () => ({ ok: true, setId: seeded.done, boundary: seededMistake(Date.now()).boundary }),
    "search-transactions": () => ({ transactions: seededMistake(Date.now()).dangers, truncated: false, next: null, scanned: { files: 3, transactions: 42_194, fetched: 0, built: 0 }, clockSteps: [], unread: [] }),
    "list-swaps": (server) => ({ swaps: seeded.swaps.standings.filter(({ request }) => request.server === server) }),
  };
  const worker = new Worker(
    queueName(HOST, "control"),
    async ({ name, data }) => {
      const answer = answers[name];
      if (!answer) throw new Error(`nothing is seeded for ${name}`);
      return answer((JSON.parse((data as JobEnvelope).payload) as { server: string }).server);
    },
    { connection, skipVersionCheck: true },
  );
  worker.on("error", () => undefined);
  await worker.waitUntilReady();
  return async () => {
    clearInterval(beating);
    await worker.close();
    connection.disconnect();
  };
}
