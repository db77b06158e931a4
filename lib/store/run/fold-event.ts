import type { Progress, RunCause, RunEvent, RunEventBody } from "#lib/contract/events.ts";
import type { FaultView, RunState, StageView } from "#lib/contract/views/run.ts";

/** What a run's events change in its row. Instants are dates. */
export interface RunFacts {
  readonly kind: string;
  readonly state: RunState;
  readonly trigger: string;
  readonly serverName: string | null;
  readonly policyName: string | null;
  readonly setId: string | null;
  readonly requestedBy: string | null;
  readonly cause: RunCause | null;
  readonly queuedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly lastEventAt: Date | null;
  readonly lastSeq: number;
  readonly finishSeq: number | null;
  readonly stages: readonly StageView[];
  readonly progress: Progress | null;
  readonly progressSeq: number;
  readonly fault: FaultView | null;
  readonly bytes: bigint | null;
  readonly result: Record<string, unknown> | null;
}

/**
 * One event more. The order of events does not matter: folding the same set of events in any order gives the same facts.
 * (Folding one twice would too, but the caller leaves known ones out.)
 */
export function foldEvent(run: RunFacts, event: RunEvent): RunFacts {
  const at = new Date(event.at);
  const seen: RunFacts = {
    ...run,
    // what only we think (unknown, interrupted, failed to send) is corrected by a sign of life
    ...(run.finishSeq === null ? { state: "running" as const, finishedAt: null, fault: null } : {}),
    queuedAt: earlier(run.queuedAt, at),
    lastEventAt: run.lastEventAt && run.lastEventAt > at ? run.lastEventAt : at,
    lastSeq: Math.max(run.lastSeq, event.seq),
  };
  return { ...seen, ...changes(seen, event.body, event.seq, at) };
}

function changes(run: RunFacts, body: RunEventBody, seq: number, at: Date): Partial<RunFacts> {
  switch (body.type) {
    case "run-started":
      return {
        kind: body.kind,
        trigger: body.trigger,
        startedAt: at,
        serverName: body.server ?? run.serverName,
        policyName: body.policy ?? run.policyName,
        setId: body.setId ?? run.setId,
        requestedBy: body.requestedBy ?? run.requestedBy,
        cause: body.cause ?? run.cause,
        // a scheduled run stands where it was due, however long it had to wait
        queuedAt: body.cause?.type === "schedule" ? earlier(run.queuedAt, new Date(body.cause.dueAt)) : run.queuedAt,
        stages: inOrder(run.stages, body.stages),
      };
    case "stage-started":
      return { stages: withStage(run.stages, body.stage, { startedAt: at.toISOString() }) };
    case "stage-finished": {
      const startedAt = new Date(at.getTime() - body.seconds * 1000).toISOString();
      const known = run.stages.find((stage) => stage.name === body.stage)?.startedAt;
      return { stages: withStage(run.stages, body.stage, { startedAt: known ?? startedAt, seconds: body.seconds, ok: body.ok }) };
    }
    case "progress":
      return seq > run.progressSeq ? { progress: body.progress, progressSeq: seq } : {};
    case "set":
      return { setId: body.summary.setId, serverName: run.serverName ?? body.summary.server, policyName: run.policyName ?? body.summary.policy, bytes: BigInt(body.summary.sealedBytes) };
    case "copy":
    case "verification":
      return { setId: run.setId ?? body.setId };
    case "run-finished":
      return {
        state: body.outcome,
        finishSeq: seq,
        finishedAt: at,
        startedAt: run.startedAt ?? new Date(at.getTime() - body.seconds * 1000),
        fault: body.fault ?? null,
        result: body.result ?? null,
      };
    case "log":
    case "finding":
      return {};
  }
}

/** The announced order; stages that were heard of before they were announced keep what is known of them. */
function inOrder(known: readonly StageView[], names: readonly string[]): StageView[] {
  const announced = names.map((name) => known.find((stage) => stage.name === name) ?? { name });
  return [...announced, ...known.filter((stage) => !names.includes(stage.name))];
}

function withStage(stages: readonly StageView[], name: string, facts: Omit<StageView, "name">): StageView[] {
  if (!stages.some((stage) => stage.name === name)) return [...stages, { name, ...facts }];
  return stages.map((stage) => (stage.name === name ? { ...stage, ...facts } : stage));
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}
