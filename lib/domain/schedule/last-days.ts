import { DateTime } from "luxon";

/**
 * The last `count` days of a zone, oldest first, today included: their ISO dates and the instant at which the first begins.
 * @param now milliseconds since the epoch
 */
export function lastDays(now: number, timeZone: string, count: number): { names: string[]; since: Date } {
  const today = DateTime.fromMillis(now, { zone: timeZone }).startOf("day");
  const names = Array.from({ length: count }, (_, index) => today.minus({ days: count - 1 - index }).toFormat("yyyy-MM-dd"));
  return { names, since: today.minus({ days: count - 1 }).startOf("day").toJSDate() };
}
