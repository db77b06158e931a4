import { DateTime } from "luxon";

/** An instant as the owner of a schedule thinks of it: `2026-11-24 02:00 Europe/Rome`. @param at milliseconds since the epoch */
export function localTime(at: number, timeZone: string): string {
  return `${DateTime.fromMillis(at, { zone: timeZone }).toFormat("yyyy-MM-dd HH:mm")} ${timeZone}`;
}

/** Params of the fault SCHEDULE_MISSED. Instants in milliseconds since the epoch. */
export function missedParams({ name, timeZone }: { readonly name: string; readonly timeZone: string }, { from, to, count }: { readonly from: number; readonly to: number; readonly count: number }): Record<string, string | number> {
  return { schedule: name, from: localTime(from, timeZone), to: localTime(to, timeZone), count };
}
