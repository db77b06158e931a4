/** Languages of the console; the first is the default. */
export const LOCALES = ["it", "en"] as const;
export type Locale = (typeof LOCALES)[number];
export const DEFAULT_LOCALE: Locale = "it";

/** Cookie that keeps a visitor's language. */
export const LOCALE_COOKIE = "salvagente-locale";

/** BCP 47 tag used for formats: English is written the European way (day first, 24 hours). */
export const FORMAT_TAG: Record<Locale, string> = { it: "it-IT", en: "en-GB" };

export function isLocale(text: string | undefined | null): text is Locale {
  return (LOCALES as readonly string[]).includes(text ?? "");
}
