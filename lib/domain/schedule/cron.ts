/** The five fields of a cron expression as sets of numbers. Sunday is 0; 7 is taken as 0. */
export interface Cron {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly daysOfMonth: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly daysOfWeek: ReadonlySet<number>;
  /** As in crontab(5): when both day fields are restricted, either may match. */
  readonly eitherDay: boolean;
  /** The hour field is `*` or a step of it: such schedules follow elapsed time through a change of the clocks. */
  readonly everyHour: boolean;
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** Reads `minute hour day month weekday` with lists, ranges, steps and English names; null if it is no such thing. */
export function parseCron(text: string): Cron | null {
  const fields = text.trim().toLowerCase().split(/\s+/);
  const [minute, hour, day, month, weekday] = fields;
  if (fields.length !== 5 || !minute || !hour || !day || !month || !weekday) return null;
  const minutes = parseField(minute, 0, 59);
  const hours = parseField(hour, 0, 23);
  const daysOfMonth = parseField(day, 1, 31);
  const months = parseField(month, 1, 12, MONTHS, 1);
  const weekdays = parseField(weekday, 0, 7, DAYS, 0);
  if (!minutes || !hours || !daysOfMonth || !months || !weekdays) return null;
  const daysOfWeek = new Set([...weekdays].map((number) => number % 7));
  return { minutes, hours, daysOfMonth, months, daysOfWeek, eitherDay: !day.startsWith("*") && !weekday.startsWith("*"), everyHour: hour.startsWith("*") };
}

/** Does the expression fire on this local day? `weekday` 0 = Sunday. */
export function firesOnDay(cron: Cron, month: number, day: number, weekday: number): boolean {
  if (!cron.months.has(month)) return false;
  const byDate = cron.daysOfMonth.has(day);
  const byWeekday = cron.daysOfWeek.has(weekday);
  return cron.eitherDay ? byDate || byWeekday : byDate && byWeekday;
}

function parseField(text: string, low: number, high: number, names: readonly string[] = [], firstName = 0): Set<number> | null {
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^(\*|[a-z]{3}|\d{1,2})(?:-([a-z]{3}|\d{1,2}))?(?:\/(\d{1,2}))?$/.exec(part);
    if (!match?.[1] || (match[1] === "*" && match[2])) return null;
    const step = match[3] === undefined ? 1 : Number(match[3]);
    const from = match[1] === "*" ? low : numberOf(match[1], names, firstName);
    // `5/10` means from 5 to the end in steps of 10
    const to = match[2] ? numberOf(match[2], names, firstName) : match[1] === "*" || match[3] ? high : from;
    if (step < 1 || !(from >= low) || !(to <= high) || from > to) return null;
    for (let number = from; number <= to; number += step) found.add(number);
  }
  return found;
}

function numberOf(text: string, names: readonly string[], firstName: number): number {
  if (/^\d+$/.test(text)) return Number(text);
  const index = names.indexOf(text);
  return index < 0 ? Number.NaN : index + firstName;
}
