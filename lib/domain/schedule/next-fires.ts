import { DateTime } from "luxon";
import { type Cron, firesOnDay, parseCron } from "./cron.ts";

const HORIZON_DAYS = 366 * 4 + 1;

/**
 * The next instants (ISO-8601 UTC) after `now` at which a schedule fires. Empty when the expression or zone is wrong or it never fires.
 * A local time that does not exist (spring) fires once, shifted forward by the gap; one that comes twice (autumn) fires once, the
 * first time. Schedules for every hour follow elapsed time instead.
 * @param now milliseconds since the epoch
 */
export function nextFires(expression: string, timeZone: string, now: number, count: number): string[] {
  const cron = parseCron(expression);
  const start = DateTime.fromMillis(now, { zone: timeZone });
  if (!cron || !start.isValid) return [];
  const fires: number[] = [];
  // a day early: a fire shifted by a gap may fall on the next local day
  let day = start.startOf("day").minus({ days: 1 });
  for (let walked = 0; walked < HORIZON_DAYS && fires.length < count; walked += 1) {
    if (firesOnDay(cron, day.month, day.day, day.weekday % 7)) fires.push(...firesOf(cron, day).filter((at) => at > now));
    day = day.plus({ days: 1 }).startOf("day");
  }
  return [...new Set(fires)].sort((a, b) => a - b).slice(0, count).map((at) => new Date(at).toISOString());
}

function firesOf(cron: Cron, day: DateTime): number[] {
  if (cron.everyHour) {
    const end = day.plus({ days: 1 }).startOf("day").toMillis();
    const fires: number[] = [];
    for (let at = day.toMillis(); at < end; at += 60_000) {
      const local = DateTime.fromMillis(at, { zone: day.zone });
      if (cron.hours.has(local.hour) && cron.minutes.has(local.minute)) fires.push(at);
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
