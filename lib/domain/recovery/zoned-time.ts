import { Fault } from "../fault/fault.ts";

const SHAPE = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6}))?)?\s*(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * A date and time as a person writes it, `2026-10-25 02:30:15.250` with `Z`, an offset, or in a zone of the tz database → microseconds since 1970.
 * A time that the clock showed twice, or never, is not guessed. Faults INPUT_INVALID, INSTANT_AMBIGUOUS.
 */
export function parseZonedTime(text: string, zone?: string): bigint {
  const match = SHAPE.exec(text.trim());
  if (!match) throw invalid(text, "YYYY-MM-DD hh:mm:ss, with Z, an offset or --zone");
  const [, year, month, day, hour, minute, second = "00", fraction = "", offset] = match;
  const wall = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 10) !== `${year}-${month}-${day}`) throw invalid(text, "no such date");
  const micros = BigInt(fraction.padEnd(6, "0"));
  const instants = offset === undefined ? inZone(wall, zone, text) : [wall - offsetMs(offset)];
  const [first, second2] = instants;
  if (first === undefined) throw invalid(text, `the clocks of ${zone} skipped this time`);
  if (second2 !== undefined) {
    throw new Fault("INSTANT_AMBIGUOUS", { params: { time: text.trim(), zone: zone ?? "", first: new Date(first).toISOString(), second: new Date(second2).toISOString() } });
  }
  return BigInt(first) * 1000n + micros;
}

/** All instants at which a clock of the zone shows this wall time: none, one or two. Earliest first. */
function inZone(wall: number, zone: string | undefined, text: string): number[] {
  if (zone === undefined) throw invalid(text, "a zone is missing: end it with Z or an offset, or give --zone");
  const offsets = new Set([wall - 86_400_000, wall + 86_400_000].map((instant) => zoneOffset(instant, zone)));
  return [...offsets].map((offset) => wall - offset).filter((instant) => instant + zoneOffset(instant, zone) === wall).sort((a, b) => a - b);
}

/** Milliseconds that the zone's clocks are ahead of UTC at an instant. */
function zoneOffset(instant: number, zone: string): number {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  } catch {
    throw invalid(zone, "no such time zone");
  }
  const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  return Date.parse(`${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}:${parts.second}Z`) - Math.floor(instant / 1000) * 1000;
}

function offsetMs(offset: string): number {
  if (offset === "Z") return 0;
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(-2))];
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function invalid(text: string, message: string): Fault {
  return new Fault("INPUT_INVALID", { params: { fields: `${text.slice(0, 80)}: ${message}` } });
}
