import { formatBytes, formatNumber, formatShare } from "./format/number.ts";
import { dayKey, formatClock, formatDay, formatDuration, formatInstant, formatLongDay, formatPrecise, formatRelative, formatShort, type Moment } from "./format/time.ts";
import type { Locale } from "./locale.ts";

/** Every format, bound to one language and zone. */
export interface Formats {
  readonly locale: Locale;
  readonly zone: string;
  instant(at: Moment): string;
  precise(at: Moment): string;
  day(at: Moment): string;
  longDay(at: Moment): string;
  clock(at: Moment): string;
  short(at: Moment): string;
  dayKey(at: Moment): string;
  relative(at: Moment, now: number): string;
  duration(seconds: number): string;
  number(value: number | bigint, digits?: number): string;
  bytes(bytes: number | bigint): string;
  share(share: number): string;
}

export function bindFormats(locale: Locale, zone: string): Formats {
  return {
    locale,
    zone,
    instant: (at) => formatInstant(at, locale, zone),
    precise: (at) => formatPrecise(at, locale, zone),
    day: (at) => formatDay(at, locale, zone),
    longDay: (at) => formatLongDay(at, locale, zone),
    clock: (at) => formatClock(at, locale, zone),
    short: (at) => formatShort(at, locale, zone),
    dayKey: (at) => dayKey(at, zone),
    relative: (at, now) => formatRelative(at, now, locale),
    duration: (seconds) => formatDuration(seconds, locale),
    number: (value, digits) => formatNumber(value, locale, digits),
    bytes: (bytes) => formatBytes(bytes, locale),
    share: (share) => formatShare(share, locale),
  };
}
