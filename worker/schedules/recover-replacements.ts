import type { ReplacementRecord } from "#lib/contract/recovery/replacement.ts";
import { asFault } from "#lib/domain/fault/fault.ts";
import { newId } from "#lib/platform/ids.ts";
import { isOwnerAlive } from "#worker/host/run-owner.ts";
import { listReplacements } from "#worker/pipelines/restore/replace/replacement-record.ts";
import { recoverReplacement, REPLACEMENT_ENDS } from "#worker/pipelines/restore/replace/take-back-folder.ts";
import type { JobBench } from "#worker/processors/job-bench.ts";

/**
 * Ends exchanges of data directories in which an earlier worker of this host was lost, each by a run of its own, as `salvagente replacement recover` does. Once: a run that fails says what is in the way, and the
 * next start of the worker tries again. Never fails.
 */
export async function recoverReplacements(bench: JobBench): Promise<void> {
  const { host } = bench;
  try {
    const left = listReplacements(host.folders).filter(({ state, runId }) => state === "began" && !isOwnerAlive(host.folders.journals, runId));
    await Promise.all(left.map((record) => recoverOne(bench, record)));
  } catch (error) {
    host.log.error({ err: asFault(error) }, "replacements that were left half-way cannot be looked at");
  }
}

async function recoverOne({ host, runs }: JobBench, { runId: replacement, server }: ReplacementRecord): Promise<void> {
  host.log.warn({ replacement, server }, "an earlier worker was lost while it exchanged this data directory: that is ended now");
  try {
    const start = { kind: "restore", trigger: "lost-replacement", server, stages: REPLACEMENT_ENDS.recover, cause: { type: "lost-replacement", replacement } } as const;
    await runs.conduct(newId(host.clock.now()), start, (context) => recoverReplacement(context, host, replacement));
  } catch (error) {
    host.log.error({ replacement, server, err: asFault(error) }, "the replacement cannot be ended");
  }
}
