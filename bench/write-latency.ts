import type { ServerAccess } from "#worker/engines/server/connect.ts";
import { quantile } from "./recovery/lag.ts";
import { commitSmall } from "./recovery/small-load.ts";

/** As a small application writes: a share of what the server could take, begun evenly. */
const SESSIONS = 4;
const TRANSACTIONS_PER_SECOND = 200;
const NORMAL_SECONDS = 15;
/** Before each, until what was just started runs as it does for months. */
const SETTLE_SECONDS = 3;
/** Longer than any work that is measured. */
const LONGEST_SECONDS = 3600;

/** Answers of one-row transactions, milliseconds: 99 of 100 came within these. */
export interface WriteLatency {
  readonly normal: number;
  readonly during: number;
}

/** The same steady load without the work and beside it, from its begin to its end. */
export async function writeLatency(access: ServerAccess, work: () => Promise<unknown>): Promise<WriteLatency> {
  const load = { sessions: SESSIONS, rate: TRANSACTIONS_PER_SECOND };
  await commitSmall(access, { ...load, seconds: SETTLE_SECONDS });
  const normal = await commitSmall(access, { ...load, seconds: NORMAL_SECONDS });
  const stop = new AbortController();
  const beside = commitSmall(access, { ...load, seconds: LONGEST_SECONDS, stop: stop.signal });
  const [committed] = await Promise.all([beside, work().finally(() => stop.abort())]);
  return { normal: quantile(normal.answers, 0.99), during: quantile(committed.answers, 0.99) };
}
