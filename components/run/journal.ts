import type { Progress } from "#lib/contract/events.ts";
import { effort } from "#lib/domain/run/time-left.ts";
import { ENDED_STATES, type FaultView, type RunDetail, type RunEventView, type RunState, type StageView } from "#lib/contract/views/run.ts";

export interface LogLine {
  readonly seq: number;
  readonly at: string;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly stage: string | undefined;
  readonly text: string;
}

export interface Finding {
  readonly seq: number;
  readonly severity: "info" | "warning" | "error";
  readonly fault: FaultView;
}

/** A run as the page shows it while events come in. */
export interface LiveRun {
  readonly state: RunState;
  readonly stages: readonly StageView[];
  readonly progress: Progress | null;
  readonly log: readonly LogLine[];
  readonly findings: readonly Finding[];
  readonly fault: FaultView | null;
  readonly lastSeq: number;
  readonly lastEventAt: string | null;
}

/** Most lines kept in the browser. */
export const LOG_LIMIT = 1000;

/**
 * What the server knew when the page was drawn, and the events it sent along. Of events that the row already counts only log
 * and findings are taken; those that came between the two readings count whole, or a run that began just then would stay queued.
 * An end that came between is left to the stream, after which the whole page is read anew.
 */
export function openingView(run: RunDetail, events: readonly RunEventView[]): LiveRun {
  const start: LiveRun = { state: run.state, stages: run.stages, progress: run.progress, log: [], findings: [], fault: run.fault, lastSeq: 0, lastEventAt: run.lastEventAt };
  const { log, findings } = events.filter((event) => event.seq <= run.lastSeq).reduce(foldEvent, start);
  const end = events.findIndex((event) => event.seq > run.lastSeq && event.body.type === "run-finished");
  return events.slice(0, end < 0 ? events.length : end).reduce(foldEvent, { ...start, log, findings, lastSeq: run.lastSeq });
}

/** Takes one event in. An event seen before changes nothing. */
export function foldEvent(view: LiveRun, event: RunEventView): LiveRun {
  if (event.seq <= view.lastSeq) return view;
  const { body } = event;
  // a sign of life corrects what was only waited for or thought
  const state = hasEnded(view.state) ? view.state : "running";
  const next: LiveRun = { ...view, state, lastSeq: event.seq, lastEventAt: event.at };
  switch (body.type) {
    case "run-started":
      return { ...next, stages: body.stages.map((name) => view.stages.find((stage) => stage.name === name) ?? { name }) };
    case "stage-started":
      return { ...next, progress: null, stages: withStage(view.stages, body.stage, { startedAt: event.at }) };
    case "stage-finished":
      return { ...next, progress: null, stages: withStage(view.stages, body.stage, { seconds: body.seconds, ok: body.ok }) };
    case "progress":
      return { ...next, progress: body.progress };
    case "log":
      return { ...next, log: [...view.log, { seq: event.seq, at: event.at, level: body.level, stage: body.stage, text: body.text }].slice(-LOG_LIMIT) };
    case "finding":
      return { ...next, findings: [...view.findings, { seq: event.seq, severity: body.severity, fault: body.fault }] };
    case "run-finished":
      return { ...next, state: body.outcome, progress: null, fault: body.fault ?? null };
    case "set":
    case "copy":
    case "verification":
      return next;
  }
}

/** Has it ended? */
export function hasEnded(state: RunState): boolean {
  return ENDED_STATES.includes(state);
}

/** The stage at work: begun and not ended. */
export function currentStage(stages: readonly StageView[]): { index: number; stage: StageView } | null {
  const index = stages.findIndex((stage) => stage.startedAt !== undefined && stage.seconds === undefined);
  const stage = stages[index];
  return stage ? { index, stage } : null;
}

/** Share done from 0 to 1, by bytes and items as far as their totals are known, weighed by the time they take; else by rows; null when no whole is known. */
export function shareDone({ bytesDone, bytesTotal = 0, itemsDone = 0, itemsTotal = 0, rowsDone, rowsTotal }: Progress): number | null {
  const whole = effort({ bytes: bytesTotal, items: itemsTotal });
  if (whole > 0) return Math.min(1, effort({ bytes: Math.min(bytesDone, bytesTotal), items: Math.min(itemsDone, itemsTotal) }) / whole);
  return rowsDone !== undefined && rowsTotal !== undefined && rowsTotal > 0 ? Math.min(1, rowsDone / rowsTotal) : null;
}

function withStage(stages: readonly StageView[], name: string, change: Partial<StageView>): readonly StageView[] {
  if (!stages.some((stage) => stage.name === name)) return [...stages, { name, ...change }];
  return stages.map((stage) => (stage.name === name ? { ...stage, ...change } : stage));
}
