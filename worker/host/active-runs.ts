import { existsSync } from "node:fs";
import type { RunEvent, RunKind, RunOutcome } from "#lib/contract/events.ts";
import { Fault, type FaultRecord, faultRecord } from "#lib/domain/fault/fault.ts";
import { isFaultCode } from "#lib/domain/fault/table.ts";
import { journalIds } from "./event-shipper.ts";
import { journalPath, readJournal, RunJournal } from "./journal.ts";
import { Lane } from "./lane.ts";
import { type RunContext, conductRun, type RunEnd, type RunStart, throwIfCancelled } from "./run-context.ts";
import { isOwnerAlive, markOwner } from "./run-owner.ts";
import type { HostRuntime } from "./runtime.ts";

/** A run of this process that has not ended. */
export interface RunUp {
  readonly runId: string;
  readonly kind: RunKind;
  readonly server: string | null;
  /** It waits for others to end and has no journal yet. */
  readonly waits: boolean;
}

/** Runs of this worker process: starts them, one long one at a time, cancels them, and finds what an earlier process left unfinished. */
export class ActiveRuns {
  readonly #host: HostRuntime;
  readonly #listener: (event: RunEvent) => void;
  readonly #up = new Map<string, { readonly stop: AbortController; readonly start: RunStart; waits: boolean }>();
  readonly #lanes = new Map<string, Lane>();
  #draining = false;

  constructor(host: HostRuntime, listener: (event: RunEvent) => void) {
    this.#host = host;
    this.#listener = listener;
  }

  /** Id of the run that works now, or null; of several the one that began first. */
  get current(): string | null {
    return this.all.find(({ waits }) => !waits)?.runId ?? null;
  }

  /** In the order in which they came. */
  get all(): RunUp[] {
    return [...this.#up].map(([runId, { start, waits }]) => ({ runId, kind: start.kind, server: start.server ?? null, waits }));
  }

  /**
   * Conducts a run, once: when its journal already exists (the queue handed the job out twice, or the worker died in the middle), the pipeline is
   * not started again and the recorded end is given. Waits for its turn. Faults RUN_ALREADY_ACTIVE while it still works, CANCELLED when the worker stops first.
   */
  async conduct<T>(runId: string, start: RunStart, pipeline: (context: RunContext) => Promise<T>): Promise<RunEnd<T>> {
    if (this.#draining) throw new Fault("CANCELLED");
    const recorded = this.#recorded<T>(runId);
    if (recorded) return recorded;
    const stop = new AbortController();
    const up = { stop, start, waits: true };
    this.#up.set(runId, up);
    const lane = this.#laneOf(start);
    const leave = lane.tryEnter() ?? (await lane.enter(stop.signal));
    try {
      // Not begun when the worker was told to stop: nothing says that it ever was, so that its next life may begin it.
      if (this.#draining) throw new Fault("CANCELLED");
      up.waits = false;
      // Before there is a journal: one without an owner is taken for lost.
      const release = markOwner(this.#host.folders.journals, runId);
      try {
        return await this.#withJournal(runId, (journal) =>
          conductRun({ journal, clock: this.#host.clock, log: this.#host.log, signal: stop.signal }, start, (context) => {
            throwIfCancelled(stop.signal);
            return pipeline(context);
          }),
        );
      } finally {
        release();
      }
    } finally {
      this.#up.delete(runId);
      leave();
    }
  }

  /** Is there a journal of it, of this process or an earlier one? */
  hasBegun(runId: string): boolean {
    return existsSync(this.#pathOf(runId));
  }

  /** Puts a run on record that never began, as it ended; one that has a journal stays as it is. */
  record(runId: string, start: RunStart, end: { readonly outcome: RunOutcome; readonly fault: FaultRecord; readonly result?: Record<string, unknown> }): void {
    if (this.hasBegun(runId)) return;
    const release = markOwner(this.#host.folders.journals, runId);
    this.#withJournal(runId, (journal) => {
      journal.append({ type: "run-started", ...start, stages: [...start.stages] });
      journal.append({ type: "run-finished", seconds: 0, ...end });
    });
    release();
  }

  /** False when no such run is up here. */
  cancel(runId: string): boolean {
    const up = this.#up.get(runId);
    up?.stop.abort(new Fault("CANCELLED"));
    return up !== undefined;
  }

  /** Takes no more runs and cancels those that work. */
  drain(): void {
    this.#draining = true;
    for (const runId of this.#up.keys()) this.cancel(runId);
  }

  /** Closes the journals of runs whose process is gone: interrupted, for a person to look at. Gives their ids. */
  markLost(): string[] {
    const { journals } = this.#host.folders;
    return journalIds(journals).filter((runId) => {
      if (recordedEnd(readJournal(journalPath(journals, runId))) || isOwnerAlive(journals, runId)) return false;
      this.#markInterrupted(runId);
      return true;
    });
  }

  /** What is known of a run that was begun before. */
  #recorded<T>(runId: string): RunEnd<T> | null {
    const active = new Fault("RUN_ALREADY_ACTIVE", { params: { subject: runId } });
    if (this.#up.has(runId)) throw active;
    if (!this.hasBegun(runId)) return null;
    const end = recordedEnd<T>(readJournal(this.#pathOf(runId)));
    if (end) return end;
    if (isOwnerAlive(this.#host.folders.journals, runId)) throw active;
    return this.#markInterrupted(runId);
  }

  /** Long work one after the other; an incremental waits for destinations more than it works, and holds up none but those of its own server. */
  #laneOf({ kind, server }: RunStart): Lane {
    const name = kind === "backup-incremental" ? `${kind} ${server}` : "long";
    const lane = this.#lanes.get(name) ?? new Lane();
    this.#lanes.set(name, lane);
    return lane;
  }

  #markInterrupted<T>(runId: string): RunEnd<T> {
    return this.#withJournal(runId, (journal) => {
      const fault = faultRecord(new Fault("INTERRUPTED"));
      journal.append({ type: "run-finished", outcome: "interrupted", seconds: 0, fault });
      return { outcome: "interrupted", seconds: 0, fault, lastSeq: journal.lastSeq };
    });
  }

  #pathOf(runId: string): string {
    return journalPath(this.#host.folders.journals, runId);
  }

  #withJournal<T>(runId: string, work: (journal: RunJournal) => T): T {
    const journal = new RunJournal({ folder: this.#host.folders.journals, host: this.#host.config.host, runId, clock: this.#host.clock, listeners: [this.#listener] });
    const close = (): void => journal.close();
    let result: T;
    try {
      result = work(journal);
    } catch (error) {
      close();
      throw error;
    }
    if (result instanceof Promise) return result.finally(close) as T;
    close();
    return result;
  }
}

function recordedEnd<T>(events: readonly RunEvent[]): RunEnd<T> | null {
  const last = events.at(-1);
  if (last?.body.type !== "run-finished") return null;
  const { outcome, seconds, fault } = last.body;
  return { outcome, seconds, lastSeq: last.seq, ...(fault && isFaultCode(fault.code) ? { fault: { ...fault, code: fault.code } } : {}) };
}
