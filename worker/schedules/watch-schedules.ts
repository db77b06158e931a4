import { setTimeout as sleep } from "node:timers/promises";
import type { ScheduleConfig } from "#lib/contract/config/desired-state.ts";
import { asFault } from "#lib/domain/fault/fault.ts";
import { nextFires } from "#lib/domain/schedule/next-fires.ts";
import { withRunLock } from "#worker/host/run-lock.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { JobBench } from "#worker/processors/job-bench.ts";
import { closeGaps } from "./close-gaps.ts";
import { FireBook } from "./fire-book.ts";
import { Firing } from "./firing.ts";

/** Settings and archives are looked at this often, ms; a fire is waited for to the millisecond. */
const LOOK_MS = 5_000;

/**
 * Starts by itself what the settings say, until the signal: schedules at their times, a full backup after each gap of an archive. Needs neither console nor
 * queue. Of two processes of a host one fires and the other waits to take over. Never fails: what goes wrong is logged and tried again.
 * The runs that it started go on; the caller ends them (`ActiveRuns.drain`).
 */
export async function watchSchedules(bench: JobBench, signal: AbortSignal): Promise<void> {
  const { host } = bench;
  let told = "";
  while (!signal.aborted) {
    try {
      await withRunLock(host.folders.locks, "schedules", () => watch(bench, signal));
    } catch (error) {
      const { code, message } = asFault(error);
      if (told !== code) host.log.warn({ fault: code, message }, code === "RUN_ALREADY_ACTIVE" ? "another worker of this host fires the schedules" : "schedules cannot be watched");
      told = code;
      await pause(signal, LOOK_MS);
    }
  }
}

async function watch(bench: JobBench, signal: AbortSignal): Promise<void> {
  const { host } = bench;
  const book = new FireBook(host.config.stateDir);
  const firings = new Map<string, Firing>();
  const closing = new Set<Promise<void>>();
  while (!signal.aborted) {
    const schedules = enabledSchedules(host);
    for (const schedule of schedules ?? []) {
      const firing = firings.get(schedule.name) ?? new Firing(bench, book);
      firings.set(schedule.name, firing);
      firing.look(schedule);
    }
    if (schedules) {
      book.keepOnly(schedules.map(({ name }) => name));
      for (const run of closeGaps(bench, book)) closing.add(run.finally(() => closing.delete(run)));
    }
    await pause(signal, Math.min(LOOK_MS, untilNext(schedules ?? [], host.clock.now())));
  }
  await Promise.all([...closing, ...[...firings.values()].map((firing) => firing.ended())]);
}

/** Null while the settings cannot be read: nothing is forgotten then. */
function enabledSchedules(host: HostRuntime): ScheduleConfig[] | null {
  try {
    return host.settings.schedules.filter(({ enabled }) => enabled);
  } catch (error) {
    host.log.error({ err: error }, "settings cannot be read: no schedule fires");
    return null;
  }
}

/** Milliseconds until the next fire of any of them; infinite when there is none. */
function untilNext(schedules: readonly ScheduleConfig[], now: number): number {
  const next = schedules.flatMap(({ cron, timeZone }) => nextFires(cron, timeZone, now, 1).map(Date.parse));
  return Math.max(0, Math.min(...next) - now);
}

async function pause(signal: AbortSignal, milliseconds: number): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
