import { DateTime } from "luxon";
import { type Cron, firesOnDay, parseCron } from "./cron.ts";

const HORIZON_DAYS = 366 * 4 + 1;
const QUARTER_MS = 15 * 60_000;

/**
 * The next instants (ISO-8601 UTC) after `now` at which a schedule fires. Empty when the expression or zone is wrong or it never fires.
 * A local time that does not exist (spring) fires once, shifted forward by the gap; one that comes twice (autumn) fires once, the
 * first time. Schedules for every hour follow elapsed time instead.
 * @param now milliseconds since the epoch
 */
export function nextFires(expression: string, timeZone: string, now: number, count: number): string[] {
  const fires: string[] = [];
  for (const at of firesAfter(expression, timeZone, now)) if (fires.push(new Date(at).toISOString()) >= count) break;
  return fires;
}

/** The instants after `after` and not after `until` at which it fires, oldest first. All in milliseconds since the epoch. */
export function firesBetween(expression: string, timeZone: string, after: number, until: number): number[] {
  const fires: number[] = [];
  for (const at of firesAfter(expression, timeZone, after, until)) {
    if (at > until) break;
    fires.push(at);
  }
  return fires;
}

/** In order, each once. A day's fires that were shifted past its end wait for those of the next. */
function* firesAfter(expression: string, timeZone: string, after: number, until = Number.POSITIVE_INFINITY): Generator<number, void> {
  const cron = parseCron(expression);
  const start = DateTime.fromMillis(after, { zone: timeZone });
  if (!cron || !start.isValid) return;
  let ready: readonly number[] = [];
  // a day early: a fire shifted by a gap may fall on the next local day
  let day = start.startOf("day").minus({ days: 1 });
  for (let walked = 0; walked < HORIZON_DAYS && day.toMillis() <= until; walked += 1) {
    const next = day.plus({ days: 1 }).startOf("day");
    if (firesOnDay(cron, day.month, day.day, day.weekday % 7)) ready = [...new Set([...ready, ...firesOf(cron, day)])];
    const end = next.toMillis();
    yield* ready.filter((at) => at > after && at < end).sort((a, b) => a - b);
    ready = ready.filter((at) => at >= end);
    day = next;
  }
}

function firesOf(cron: Cron, day: DateTime): number[] {
  if (cron.everyHour) {
    const end = day.plus({ days: 1 }).startOf("day").toMillis();
    const fires: number[] = [];
    // every zone keeps to quarters of an hour, and changes its clocks on one: minutes within it can be counted
    for (let at = day.toMillis(); at < end; at += QUARTER_MS) {
      const { hour, minute: first } = DateTime.fromMillis(at, { zone: day.zone });
      if (!cron.hours.has(hour)) continue;
      for (let minute = first; minute < first + 15; minute += 1) if (cron.minutes.has(minute)) fires.push(at + (minute - first) * 60_000);
    }
    return fires;
  }
  return [...cron.hours].flatMap((hour) => [...cron.minutes].map((minute) => firstOf(day, hour, minute)));
}

/** The instant of a local time; of two, the earlier. */
function firstOf(day: DateTime, hour: number, minute: number): number {
  const at = day.set({ hour, minute });
  return Math.min(...at.getPossibleOffsets().map((each) => each.toMillis()));
}
