import { Fault } from "#lib/domain/fault/fault.ts";
import { parseZonedTime } from "#lib/domain/recovery/zoned-time.ts";

/** What a typed date and time means in a zone. Instants in microseconds since 1970, as decimal text. */
export type TypedTime =
  | { readonly kind: "instant"; readonly at: string }
  /** The clocks of the zone showed it twice: earlier, later. */
  | { readonly kind: "twice"; readonly at: readonly [string, string] }
  | { readonly kind: "never" | "unreadable" };

/** Reads what somebody typed; a time that the clocks showed twice, or never, is not guessed. */
export function readTypedTime(text: string, zone: string): TypedTime {
  try {
    return { kind: "instant", at: String(parseZonedTime(text, zone)) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (error.code === "INSTANT_AMBIGUOUS") {
      const fraction = BigInt((/[.,](\d{1,6})/.exec(text)?.[1] ?? "").padEnd(6, "0"));
      const micros = (iso: string | number | undefined): string => String(BigInt(Date.parse(String(iso))) * 1000n + fraction);
      return { kind: "twice", at: [micros(error.params.first), micros(error.params.second)] };
    }
    return { kind: /skipped/.test(String(error.params.fields)) ? "never" : "unreadable" };
  }
}

/** `2026-11-25 14:13:52.104`: what the field shows for an instant, by the zone's clock. @param at milliseconds */
export function typedText(at: number, zone: string): string {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 }).formatToParts(at).map(({ type, value }) => [type, value]),
  );
  return `${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute}:${parts.second}.${parts.fractionalSecond}`;
}
