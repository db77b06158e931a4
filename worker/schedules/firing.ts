import { type ScheduleConfig, SCHEDULED_RUNS } from "#lib/contract/config/desired-state.ts";
import type { RunCause } from "#lib/contract/events.ts";
import { type Due, dueFires } from "#lib/domain/schedule/due.ts";
import { localTime, missedParams } from "#lib/domain/schedule/local-time.ts";
import { firesBetween } from "#lib/domain/schedule/next-fires.ts";
import { asFault, Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { fireId } from "#lib/platform/ids.ts";
import type { RunStart } from "#worker/host/run-context.ts";
import type { JobBench } from "#worker/processors/job-bench.ts";
import { processJob } from "#worker/processors/process-job.ts";
import type { FireBook } from "./fire-book.ts";

/** The fires of one schedule, as long as this process lives. */
export class Firing {
  readonly #bench: JobBench;
  readonly #book: FireBook;
  /** Taken up here; in the book only once nothing of it waits any more, so that a fire whose worker dies before it began is found again. */
  #takenUpTo = Number.NEGATIVE_INFINITY;
  #stopped = false;
  /** By run id: what this schedule started and has not ended. */
  readonly #running = new Map<string, Promise<void>>();

  constructor(bench: JobBench, book: FireBook) {
    this.#bench = bench;
    this.#book = book;
  }

  /** When everything that it started has ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  /** Settles what is due: puts on record what was missed, and starts at most one run, without waiting for it. */
  look(schedule: ScheduleConfig): void {
    const now = this.#bench.host.clock.now();
    const settled = this.#book.settledUpTo(schedule, now);
    const due = dueFires({ ...schedule, graceMs: schedule.graceMinutes * 60_000 }, Math.max(settled, this.#takenUpTo), now);
    if (due.fire || due.missed) {
      this.#takenUpTo = due.upTo;
      if (due.missed) this.#tellMissed(schedule, due.missed);
      if (due.fire) this.#fire(schedule, due.fire);
    }
    const waits = this.#bench.runs.all.some((up) => up.waits && this.#running.has(up.runId));
    if (this.#takenUpTo > settled && !waits && !this.#stopped) this.#book.settle(schedule, this.#takenUpTo);
  }

  #fire(schedule: ScheduleConfig, fire: NonNullable<Due["fire"]>): void {
    const { host, runs } = this.#bench;
    const runId = fireId(host.config.host, schedule.name, fire.at);
    const start = this.#startOf(schedule, causeOf(schedule, fire.at, fire.late));
    const before = runs.all.find((up) => up.kind === start.kind && up.server === (start.server ?? null));
    if (before) {
      const fault = new Fault("SCHEDULE_OVERLAP", { params: { schedule: schedule.name, at: localTime(fire.at, schedule.timeZone), run: before.runId, server: start.server ?? "" } });
      runs.record(runId, start, { outcome: "missed", fault: faultRecord(fault) });
      host.log.warn({ schedule: schedule.name, runId, before: before.runId }, "fire skipped: a run of the same kind is up");
      return;
    }
    host.log.info({ schedule: schedule.name, runId, late: fire.late }, "schedule fires");
    this.#running.set(runId, this.#conduct(runId, schedule, start).finally(() => this.#running.delete(runId)));
  }

  /** Until the run has ended. What cannot even begin is on record as failed; what only the worker's stop kept from beginning is left for its next life. */
  async #conduct(runId: string, schedule: ScheduleConfig, start: RunStart): Promise<void> {
    const { host, runs } = this.#bench;
    try {
      await processJob(this.#bench, SCHEDULED_RUNS[schedule.kind], { runId, policy: schedule.policy, trigger: start.trigger, cause: start.cause });
    } catch (error) {
      const fault = asFault(error);
      this.#stopped ||= fault.code === "CANCELLED";
      if (this.#stopped) return;
      host.log.error({ schedule: schedule.name, runId, err: fault }, "schedule cannot fire");
      runs.record(runId, start, { outcome: "failed", fault: faultRecord(fault) });
    }
  }

  /** One record for all of them, under the id of the first: the controller, which may have noticed it earlier, speaks of it by the same. */
  #tellMissed(schedule: ScheduleConfig, missed: NonNullable<Due["missed"]>): void {
    const { host, runs } = this.#bench;
    const idOf = (at: number): string => fireId(host.config.host, schedule.name, at);
    // Begun by a worker that died before it could note so.
    const fires = firesBetween(schedule.cron, schedule.timeZone, missed.from - 1, missed.to).filter((at) => !runs.hasBegun(idOf(at)));
    const [first] = fires;
    if (first === undefined) return;
    const last = fires.at(-1) ?? first;
    const span = { from: iso(first), to: iso(last), count: fires.length };
    host.log.warn({ schedule: schedule.name, ...span }, "fires missed");
    const start = this.#startOf(schedule, causeOf(schedule, first, false));
    const fault = faultRecord(new Fault("SCHEDULE_MISSED", { params: missedParams(schedule, { from: first, to: last, count: fires.length }) }));
    runs.record(idOf(first), start, { outcome: "missed", fault, result: span });
  }

  #startOf(schedule: ScheduleConfig, cause: RunCause): RunStart {
    const server = this.#bench.host.settings.policies.find(({ name }) => name === schedule.policy)?.server;
    return { kind: SCHEDULED_RUNS[schedule.kind], trigger: "schedule", policy: schedule.policy, ...(server ? { server } : {}), cause, stages: [] };
  }
}

function causeOf({ name, timeZone }: ScheduleConfig, at: number, late: boolean): RunCause {
  return { type: "schedule", schedule: name, dueAt: iso(at), timeZone, late };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
