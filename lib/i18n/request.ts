import { cookies } from "next/headers";
import { getRequestConfig } from "next-intl/server";
import { CATALOG } from "./catalog.ts";
import { DEFAULT_LOCALE, isLocale, LOCALE_COOKIE } from "./locale.ts";
import { displayZone } from "./zone.ts";

/** next-intl asks this once per request: language from the visitor's cookie, else Italian. */
export default getRequestConfig(async () => {
  const kept = (await cookies()).get(LOCALE_COOKIE)?.value;
  const locale = isLocale(kept) ? kept : DEFAULT_LOCALE;
  return { locale, messages: CATALOG[locale], timeZone: displayZone() };
});
