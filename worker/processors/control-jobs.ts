import type { JobPayload, JobResult } from "#lib/contract/jobs/registry.ts";
import { Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { preflight } from "#worker/engines/preflight/preflight.ts";
import { accessOf } from "#worker/host/access.ts";
import { keepDesiredState } from "#worker/host/desired-state.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import { heartbeatSchema, requirePolicy, requireServer } from "#worker/host/runtime.ts";
import { indexDestination } from "#worker/pipelines/catalog/index-destination.ts";
import { readSetAnywhere } from "#worker/pipelines/catalog/read-set.ts";
import { planRestore } from "#worker/pipelines/restore/index.ts";
import { dropName } from "#worker/pipelines/restore/swap/drop-kept.ts";
import { planSwap } from "#worker/pipelines/restore/swap/plan-swap.ts";
import { listRecords } from "#worker/pipelines/restore/swap/swap-record.ts";
import type { Destination } from "#worker/ports/destination.ts";
import type { JobBench } from "./job-bench.ts";

export async function answerApplyState({ host }: JobBench, { state }: JobPayload<"apply-state">): Promise<JobResult<"apply-state">> {
  return { revision: keepDesiredState(host.config.stateDir, state) };
}

export async function answerCancel({ runs }: JobBench, { runId }: JobPayload<"cancel-run">): Promise<JobResult<"cancel-run">> {
  return { found: runs.cancel(runId) };
}

export async function answerProbeServer({ host }: JobBench, payload: JobPayload<"probe-server">): Promise<JobResult<"probe-server">> {
  const policy = payload.policy ? requirePolicy(host.settings, payload.policy) : null;
  try {
    const { steps, findings } = await preflight(await accessOf(requireServer(host.settings, payload.server), host.identity), { schemas: policy?.schemas ?? null, archive: policy?.archive, heartbeatSchema: heartbeatSchema(host) });
    return { steps: [...steps], findings: [...findings] };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { steps: [], findings: [{ severity: "error", fault: faultRecord(error) }] };
  }
}

export async function answerProbeDestination({ host }: JobBench, payload: JobPayload<"probe-destination">): Promise<JobResult<"probe-destination">> {
  return withDestinations(openDestinations(host, [payload.destination]), async ([destination]) => {
    const steps = (await destination?.probe()) ?? [];
    const reachable = steps.every((step) => step.ok);
    return { steps, space: reachable ? ((await destination?.space()) ?? null) : null };
  });
}

export async function answerPlan({ host }: JobBench, { request }: JobPayload<"plan-restore">): Promise<JobResult<"plan-restore">> {
  return planRestore(host, request);
}

export async function answerPlanSwap({ host }: JobBench, { order }: JobPayload<"plan-swap">): Promise<JobResult<"plan-swap">> {
  return planSwap(host, order);
}

export async function answerListSwaps({ host }: JobBench, { server }: JobPayload<"list-swaps">): Promise<JobResult<"list-swaps">> {
  const records = listRecords(host.folders).filter(({ request }) => request.server === server);
  return { swaps: records.slice(0, MOST_SWAPS).map((record) => ({ runId: record.runId, at: record.at, state: record.state, request: record.request, dropName: dropName(record) })) };
}

/** The newest: the answer travels as a job's result. */
const MOST_SWAPS = 100;

export async function answerReadSet({ host }: JobBench, payload: JobPayload<"read-set">): Promise<JobResult<"read-set">> {
  const names = payload.destination ? [payload.destination] : host.settings.destinations.map((destination) => destination.name);
  return withDestinations(openDestinations(host, names), async (destinations) => {
    const { signed, verification } = await readSetAnywhere(host, destinations, payload.server, payload.setId);
    return { signed, verification };
  });
}

export async function answerReindex({ host }: JobBench, payload: JobPayload<"reindex">): Promise<JobResult<"reindex">> {
  return withDestinations(openDestinations(host, [payload.destination]), async ([destination]) => {
    if (!destination) return { sets: [], problems: [] };
    return indexDestination(host, destination);
  });
}

async function withDestinations<T>(destinations: Destination[], work: (destinations: Destination[]) => Promise<T>): Promise<T> {
  try {
    return await work(destinations);
  } finally {
    await Promise.allSettled(destinations.map((destination) => destination.close()));
  }
}
