import type { Progress, RunCause } from "#lib/contract/events.ts";
import type { FaultView, RunRow, RunState, StageView } from "#lib/contract/views/run.ts";
import type { Run } from "../generated/client.ts";

/** A stored run as the pages see it. Json columns were validated when they were written (fold-event.ts). */
export function runRow(run: Run): RunRow {
  const progress = run.progress as unknown as Progress | null;
  const stages = run.stages as unknown as StageView[];
  const begun = stages.filter((stage) => stage.startedAt !== undefined);
  return {
    id: run.id,
    kind: run.kind as RunRow["kind"],
    state: run.state as RunState,
    trigger: run.trigger as RunRow["trigger"],
    host: run.hostName,
    server: run.serverName,
    environment: run.environment,
    policy: run.policyName,
    setId: run.setId,
    requestedBy: run.requestedBy,
    cause: run.cause as unknown as RunCause | null,
    queuedAt: run.queuedAt.toISOString(),
    startedAt: run.startedAt?.toISOString() ?? null,
    finishedAt: run.finishedAt?.toISOString() ?? null,
    seconds: run.startedAt && run.finishedAt ? (run.finishedAt.getTime() - run.startedAt.getTime()) / 1000 : null,
    bytes: run.bytes === null ? (progress?.bytesDone ?? null) : Number(run.bytes),
    stage: begun.at(-1)?.name ?? null,
    progress,
    fault: run.fault as unknown as FaultView | null,
  };
}
