import { getLocale, getTimeZone } from "next-intl/server";
import { bindFormats, type Formats } from "./bound.ts";

/** Formats of the visitor, for async server components, pages and route handlers. */
export async function getFormats(): Promise<Formats> {
  const [locale, zone] = await Promise.all([getLocale(), getTimeZone()]);
  return bindFormats(locale, zone);
}
