import type { FaultRecord } from "#lib/domain/fault/fault.ts";
import { asFault, Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import type { Progress, RunCause, RunEventBody, RunKind, RunOutcome, Trigger } from "#lib/contract/events.ts";
import { bytesPerSecond, type Pace, secondsLeft, withLook } from "#lib/domain/run/time-left.ts";
import type { Clock } from "#lib/platform/clock.ts";
import type { Logger } from "#lib/platform/log.ts";
import type { RunJournal } from "./journal.ts";

/** What a pipeline sees of its run: where to say what happens, and when to stop. */
export interface RunContext {
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Runs one stage of the recipe: start, end and duration are recorded; an abort before it throws CANCELLED. */
  stage<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** At most one event a second and stage reaches the journal; the last one of a stage always does. Speed and time left are added here. */
  progress(progress: Progress): void;
  log(level: "debug" | "info" | "warn" | "error", text: string): void;
  finding(severity: "info" | "warning" | "error", fault: FaultRecord): void;
  emit(body: RunEventBody): void;
  /** What has come of the run, for its last event; the last word counts. */
  result(result: Record<string, unknown>): void;
}

export interface RunStart {
  readonly kind: RunKind;
  readonly trigger: Trigger;
  readonly server?: string;
  readonly policy?: string;
  readonly setId?: string;
  readonly requestedBy?: string;
  /** Why it was started, where nobody asked for it. */
  readonly cause?: RunCause;
  readonly stages: readonly string[];
}

export interface RunEnd<T> {
  readonly outcome: RunOutcome;
  readonly seconds: number;
  readonly fault?: FaultRecord;
  readonly value?: T;
  readonly lastSeq: number;
}

/**
 * Runs a pipeline with a journal: first event `run-started`, last event `run-finished`, whatever happens between.
 * Never throws for what the pipeline threw: the outcome says it.
 */
export async function conductRun<T>(
  host: { journal: RunJournal; clock: Clock; log: Logger; signal: AbortSignal },
  start: RunStart,
  pipeline: (context: RunContext) => Promise<T>,
): Promise<RunEnd<T>> {
  const { journal, clock } = host;
  const began = clock.monotonic();
  const log = host.log.child({ runId: journal.runId });
  let warned = false;
  let result: Record<string, unknown> | undefined;
  const throttle = new ProgressThrottle(clock, (progress) => journal.append({ type: "progress", progress }));
  const context: RunContext = {
    runId: journal.runId,
    signal: host.signal,
    clock,
    async stage(name, work) {
      throwIfCancelled(host.signal);
      const stageBegan = clock.monotonic();
      const seconds = (): number => round((clock.monotonic() - stageBegan) / 1000);
      journal.append({ type: "stage-started", stage: name });
      log.info({ stage: name }, "stage started");
      try {
        const value = await work();
        throttle.flush();
        journal.append({ type: "stage-finished", stage: name, seconds: seconds(), ok: true });
        return value;
      } catch (error) {
        throttle.flush();
        journal.append({ type: "stage-finished", stage: name, seconds: seconds(), ok: false });
        throw error;
      }
    },
    progress: (progress) => throttle.offer(progress),
    log(level, text) {
      journal.append({ type: "log", level, text });
      log[level](text);
    },
    finding(severity, fault) {
      if (severity !== "info") warned = true;
      journal.append({ type: "finding", severity, fault });
    },
    emit: (body) => void journal.append(body),
    result(told) {
      result = told;
    },
  };
  journal.append({ type: "run-started", ...start, stages: [...start.stages] });
  const end = (outcome: RunOutcome, extra: { fault?: FaultRecord; value?: T }): RunEnd<T> => {
    const seconds = round((clock.monotonic() - began) / 1000);
    journal.append({ type: "run-finished", outcome, seconds, ...(extra.fault ? { fault: extra.fault } : {}), ...(result ? { result } : {}) });
    log.info({ outcome, seconds, fault: extra.fault?.code }, "run finished");
    return { outcome, seconds, ...extra, lastSeq: journal.lastSeq };
  };
  try {
    const value = await pipeline(context);
    return end(warned ? "warning" : "completed", { value });
  } catch (error) {
    const cancelled = host.signal.aborted || (error instanceof Fault && error.code === "CANCELLED");
    const fault = faultRecord(cancelled ? new Fault("CANCELLED") : error);
    if (!cancelled) log.error({ err: asFault(error), detail: fault.detail }, "run failed");
    return end(cancelled ? "cancelled" : "failed", { fault });
  }
}

/** Throws Fault CANCELLED once the run was asked to stop. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new Fault("CANCELLED");
}

class ProgressThrottle {
  readonly #clock: Clock;
  readonly #write: (progress: Progress) => void;
  #lastAt = Number.NEGATIVE_INFINITY;
  #held: Progress | undefined;
  #pace: { readonly stage: string; readonly pace: Pace } | undefined;

  constructor(clock: Clock, write: (progress: Progress) => void) {
    this.#clock = clock;
    this.#write = write;
  }

  offer(progress: Progress): void {
    this.#held = progress;
    if (this.#clock.monotonic() - this.#lastAt >= 1000) this.flush();
  }

  flush(): void {
    if (!this.#held) return;
    this.#write(this.#timed(this.#held));
    this.#held = undefined;
    this.#lastAt = this.#clock.monotonic();
  }

  /** With what the looks at this stage tell of its pace. */
  #timed(progress: Progress): Progress {
    const { stage, bytesDone, bytesTotal, itemsDone = 0, itemsTotal } = progress;
    const pace = withLook(this.#pace?.stage === stage ? this.#pace.pace : null, { at: this.#clock.monotonic() / 1000, done: { bytes: bytesDone, items: itemsDone } });
    this.#pace = { stage, pace };
    const rate = bytesPerSecond(pace);
    const left = bytesTotal === undefined && itemsTotal === undefined ? null : secondsLeft(pace, { bytes: (bytesTotal ?? bytesDone) - bytesDone, items: (itemsTotal ?? itemsDone) - itemsDone });
    return { ...progress, ...(rate === null ? {} : { bytesPerSecond: Math.round(rate) }), ...(left === null ? {} : { etaSeconds: Math.round(left) }) };
  }
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
