import { existsSync } from "node:fs";
import type { RunEvent } from "#lib/contract/events.ts";
import { Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { isFaultCode } from "#lib/domain/fault/table.ts";
import { journalIds } from "./event-shipper.ts";
import { journalPath, readJournal, RunJournal } from "./journal.ts";
import { type RunContext, conductRun, type RunEnd, type RunStart } from "./run-context.ts";
import { isOwnerAlive, markOwner } from "./run-owner.ts";
import type { HostRuntime } from "./runtime.ts";

/** Runs of this worker process: starts them, cancels them, and finds what an earlier process left unfinished. */
export class ActiveRuns {
  readonly #host: HostRuntime;
  readonly #listener: (event: RunEvent) => void;
  readonly #stops = new Map<string, AbortController>();
  #draining = false;

  constructor(host: HostRuntime, listener: (event: RunEvent) => void) {
    this.#host = host;
    this.#listener = listener;
  }

  /** Id of the run that works now, or null. */
  get current(): string | null {
    return this.#stops.keys().next().value ?? null;
  }

  /**
   * Conducts a run, once: when its journal already exists (the queue handed the job out twice, or the worker died in the middle), the pipeline is
   * not started again and the recorded end is given. Fault RUN_ALREADY_ACTIVE while it still works.
   */
  async conduct<T>(runId: string, start: RunStart, pipeline: (context: RunContext) => Promise<T>): Promise<RunEnd<T>> {
    if (this.#draining) throw new Fault("CANCELLED");
    const path = journalPath(this.#host.folders.journals, runId);
    if (existsSync(path)) {
      const end = recordedEnd<T>(readJournal(path));
      if (end) return end;
      if (isOwnerAlive(this.#host.folders.journals, runId)) throw new Fault("RUN_ALREADY_ACTIVE", { params: { subject: runId } });
      return this.#markInterrupted(runId);
    }
    const stop = new AbortController();
    this.#stops.set(runId, stop);
    // Before there is a journal: one without an owner is taken for lost.
    const release = markOwner(this.#host.folders.journals, runId);
    try {
      const journal = this.#openJournal(runId);
      try {
        return await conductRun({ journal, clock: this.#host.clock, log: this.#host.log, signal: stop.signal }, start, pipeline);
      } finally {
        journal.close();
      }
    } finally {
      release();
      this.#stops.delete(runId);
    }
  }

  /** False when no such run works here. */
  cancel(runId: string): boolean {
    const stop = this.#stops.get(runId);
    stop?.abort(new Fault("CANCELLED"));
    return stop !== undefined;
  }

  /** Takes no more runs and cancels those that work. */
  drain(): void {
    this.#draining = true;
    for (const runId of this.#stops.keys()) this.cancel(runId);
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

  #markInterrupted<T>(runId: string): RunEnd<T> {
    const journal = this.#openJournal(runId);
    const fault = faultRecord(new Fault("INTERRUPTED"));
    journal.append({ type: "run-finished", outcome: "interrupted", seconds: 0, fault });
    journal.close();
    return { outcome: "interrupted", seconds: 0, fault, lastSeq: journal.lastSeq };
  }

  #openJournal(runId: string): RunJournal {
    return new RunJournal({ folder: this.#host.folders.journals, host: this.#host.config.host, runId, clock: this.#host.clock, listeners: [this.#listener] });
  }
}

function recordedEnd<T>(events: readonly RunEvent[]): RunEnd<T> | null {
  const last = events.at(-1);
  if (last?.body.type !== "run-finished") return null;
  const { outcome, seconds, fault } = last.body;
  return { outcome, seconds, lastSeq: last.seq, ...(fault && isFaultCode(fault.code) ? { fault: { ...fault, code: fault.code } } : {}) };
}
