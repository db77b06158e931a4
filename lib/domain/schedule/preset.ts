/** The rhythms that a person chooses by name; everything else is written as an expression. */
export const REPEATS = ["every4h", "every12h", "daily", "weekly"] as const;
export type Repeat = (typeof REPEATS)[number];

export interface Preset {
  readonly repeat: Repeat;
  /** Local time `02:00`; of no meaning for rhythms of hours. */
  readonly time: string;
  /** 0 = Sunday; of no meaning but for `weekly`. */
  readonly weekday: number;
}

const NIGHT = "02:00";

/** The expression of a preset, as in crontab(5). */
export function cronOf({ repeat, time, weekday }: Preset): string {
  const [hour, minute] = time.split(":").map(Number);
  switch (repeat) {
    case "every4h":
      return "0 */4 * * *";
    case "every12h":
      return "0 */12 * * *";
    case "daily":
      return `${minute ?? 0} ${hour ?? 0} * * *`;
    case "weekly":
      return `${minute ?? 0} ${hour ?? 0} * * ${weekday}`;
  }
}

/** The preset that an expression means, or null for one of another kind. */
export function presetOf(cron: string): Preset | null {
  const text = cron.trim().replaceAll(/\s+/g, " ");
  if (text === "0 */4 * * *") return { repeat: "every4h", time: NIGHT, weekday: 0 };
  if (text === "0 */12 * * *") return { repeat: "every12h", time: NIGHT, weekday: 0 };
  const [, minute, hour, weekday] = /^(\d{1,2}) (\d{1,2}) \* \* (\*|[0-7])$/.exec(text) ?? [];
  if (minute === undefined || hour === undefined || Number(minute) > 59 || Number(hour) > 23) return null;
  const time = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  return weekday === "*" ? { repeat: "daily", time, weekday: 0 } : { repeat: "weekly", time, weekday: Number(weekday) % 7 };
}
