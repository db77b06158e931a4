import { useLocale, useTimeZone } from "next-intl";
import { bindFormats, type Formats } from "./bound.ts";

/** Formats of the visitor, for components (server or browser) that are not async. Async ones use getFormats. */
export function useFormats(): Formats {
  return bindFormats(useLocale(), useTimeZone() ?? "UTC");
}
