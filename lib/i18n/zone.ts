const FALLBACK = "Europe/Rome";

/** IANA zone in which the console shows instants: SALVAGENTE_TIME_ZONE, else Italy's. */
export function displayZone(): string {
  const wanted = process.env.SALVAGENTE_TIME_ZONE;
  if (!wanted) return FALLBACK;
  try {
    new Intl.DateTimeFormat("en", { timeZone: wanted });
    return wanted;
  } catch {
    return FALLBACK;
  }
}
