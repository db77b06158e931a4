import { z } from "zod";

/** An IANA time zone that this Node knows. */
export const zoneName = z.string().max(64).refine(isZone, "is no time zone");

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
