import { FORMAT_TAG, type Locale } from "../locale.ts";

export type Moment = Date | string | number;

/** `31 gen 2026, 02:00:07 CET`: always seconds and zone. */
export function formatInstant(at: Moment, locale: Locale, zone: string): string {
  return tag(locale, { ...DAY, ...CLOCK, timeZone: zone, timeZoneName: "short" }).format(new Date(at));
}

/** `31 gen 2026, 02:00:07,104 CET`, where a millisecond decides. */
export function formatPrecise(at: Moment, locale: Locale, zone: string): string {
  return tag(locale, { ...DAY, ...CLOCK, fractionalSecondDigits: 3, timeZone: zone, timeZoneName: "short" }).format(new Date(at));
}

/** `31 gen 2026`. */
export function formatDay(at: Moment, locale: Locale, zone: string): string {
  return tag(locale, { ...DAY, timeZone: zone }).format(new Date(at));
}

/** `sabato 31 gennaio`, for headings of a day. */
export function formatLongDay(at: Moment, locale: Locale, zone: string): string {
  return tag(locale, { weekday: "long", day: "numeric", month: "long", timeZone: zone }).format(new Date(at));
}

/** `02:00:07 CET`. */
export function formatClock(at: Moment, locale: Locale, zone: string): string {
  return tag(locale, { ...CLOCK, timeZone: zone, timeZoneName: "short" }).format(new Date(at));
}

/** `31 gen, 02:00`, where space is dear; the full instant belongs in the title. */
export function formatShort(at: Moment, locale: Locale, zone: string): string {
  return tag(locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone }).format(new Date(at));
}

/** `2026-01-31`: key of a day in a zone. */
export function dayKey(at: Moment, zone: string): string {
  return new Intl.DateTimeFormat("sv-SE", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: zone }).format(new Date(at));
}

/** `3 ore fa`, `tra 2 giorni`. */
export function formatRelative(at: Moment, now: number, locale: Locale): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  const [unit, size] = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? (["second", 1] as const);
  return new Intl.RelativeTimeFormat(FORMAT_TAG[locale], { numeric: "always" }).format(Math.trunc(seconds / size), unit);
}

/** `480 ms`, `7,2 s`, `22 min 10 s`, `2 h 05 min`, `3 d 4 h` (`g` in Italian). */
export function formatDuration(seconds: number, locale: Locale): string {
  const sign = seconds < 0 ? "−" : "";
  const span = Math.abs(seconds);
  if (span < 0.9995) return `${sign}${Math.round(span * 1000)}${NBSP}ms`;
  if (span < 9.95) return `${sign}${new Intl.NumberFormat(FORMAT_TAG[locale], { maximumFractionDigits: 1 }).format(span)}${NBSP}s`;
  const whole = Math.round(span);
  const [days, hours, minutes, rest] = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60];
  if (days > 0) return `${sign}${days}${NBSP}${locale === "it" ? "g" : "d"}${hours > 0 ? ` ${hours}${NBSP}h` : ""}`;
  if (hours > 0) return `${sign}${hours}${NBSP}h${minutes > 0 ? ` ${String(minutes).padStart(2, "0")}${NBSP}min` : ""}`;
  if (minutes > 0) return `${sign}${minutes}${NBSP}min${rest > 0 ? ` ${rest}${NBSP}s` : ""}`;
  return `${sign}${rest}${NBSP}s`;
}

const NBSP = "\u00a0";
const DAY = { day: "numeric", month: "short", year: "numeric" } as const;
const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" } as const;
const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60]] as const;
const made = new Map<string, Intl.DateTimeFormat>();

/** Making a DateTimeFormat costs far more than using it. */
function tag(locale: Locale, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  const known = made.get(key);
  if (known) return known;
  const format = new Intl.DateTimeFormat(FORMAT_TAG[locale], options);
  made.set(key, format);
  return format;
}
