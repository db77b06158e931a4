import { setTimeout as sleep } from "node:timers/promises";
import type { SwapRecord } from "#lib/contract/recovery/swap.ts";
import { asFault } from "#lib/domain/fault/fault.ts";
import { newId } from "#lib/platform/ids.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { accessOf } from "#worker/host/access.ts";
import { isRunLocked } from "#worker/host/run-lock.ts";
import { isOwnerAlive } from "#worker/host/run-owner.ts";
import { type HostRuntime, requireServer } from "#worker/host/runtime.ts";
import { restoreSubject } from "#worker/pipelines/restore/run-records.ts";
import { endLostSwap, SWAP_ENDS } from "#worker/pipelines/restore/swap/end-swap.ts";
import { listRecords } from "#worker/pipelines/restore/swap/swap-record.ts";
import type { JobBench } from "#worker/processors/job-bench.ts";

/** A server that does not answer yet is asked again after so long, ms, doubled each time up to the second. */
const AGAIN_MS = 1_000;
const LONGEST_MS = 60_000;
/** It may be starting, or away for a while; anything else a person must see. */
const AWAY: ReadonlySet<string> = new Set(["SERVER_UNREACHABLE", "SERVER_CONNECTION_LOST"]);

/**
 * Ends the swaps in which an earlier worker of this host was lost, each by a run of its own and as soon as its server answers: forward where the tables have changed places,
 * else back, as `salvagente swap recover` does. Once: a run that fails says what is in the way, and the next start of the worker tries again. Never fails; ends early at the signal.
 */
export async function recoverSwaps(bench: JobBench, signal: AbortSignal): Promise<void> {
  const { host } = bench;
  try {
    const left = listRecords(host.folders).filter(({ state, runId }) => state === "began" && !isOwnerAlive(host.folders.journals, runId));
    await Promise.all(left.map((record) => recoverOne(bench, record, signal)));
  } catch (error) {
    host.log.error({ err: asFault(error) }, "swaps that were left half-way cannot be looked at");
  }
}

async function recoverOne({ host, runs }: JobBench, { runId: swap, request: { server } }: SwapRecord, signal: AbortSignal): Promise<void> {
  host.log.warn({ swap, server }, "an earlier worker was lost in this swap: it is ended now");
  try {
    for (let wait = AGAIN_MS; !(await mayBegin(host, server)); wait = Math.min(wait * 2, LONGEST_MS)) await sleep(wait, undefined, { signal });
    const start = { kind: "swap", trigger: "lost-swap", server, stages: SWAP_ENDS.recover, cause: { type: "lost-swap", swap } } as const;
    await runs.conduct(newId(host.clock.now()), start, (context) => endLostSwap(context, host, swap));
  } catch (error) {
    if (!signal.aborted) host.log.error({ swap, server, err: asFault(error) }, "the swap cannot be ended");
  }
}

/** Not while the server is away, nor while another process of this host restores into it. */
async function mayBegin(host: HostRuntime, server: string): Promise<boolean> {
  if (isRunLocked(host.folders.locks, restoreSubject(server))) return false;
  try {
    const connection = await connect(await accessOf(requireServer(host.settings, server), host.identity, "restore"));
    connection.destroy();
    return true;
  } catch (error) {
    return !AWAY.has(asFault(error).code);
  }
}
