import { firesBetween } from "./next-fires.ts";

/** A fire that begins within this time was on time, ms. */
const PROMPT_MS = 60_000;
/** Fires longer ago than this are not counted any more, ms. */
const LOOK_BACK_MS = 31 * 24 * 3_600_000;
/** A last fire that lies further in the future than this was noted by a clock that has been set back since, ms. */
const CLOCK_SLACK_MS = 10 * 60_000;

export interface Timing {
  readonly cron: string;
  readonly timeZone: string;
  /** A fire that was missed is made up for within this time, ms; later ones wait for the next. */
  readonly graceMs: number;
}

/** What has become due since the last look. Instants in milliseconds since the epoch. */
export interface Due {
  /** To be started now; `late` when its time has passed by more than a minute. */
  readonly fire: { readonly at: number; readonly late: boolean } | null;
  /** Fires that nobody makes up for, first and last of them. */
  readonly missed: { readonly from: number; readonly to: number; readonly count: number } | null;
  /** Everything up to here is settled by this answer. */
  readonly upTo: number;
}

/**
 * What a schedule owes. Of several fires that were missed only the newest is made up for, and only within the grace: one backup now is worth as much as
 * three in a row.
 * @param settledUpTo fires up to here were dealt with before
 */
export function dueFires({ cron, timeZone, graceMs }: Timing, settledUpTo: number, now: number): Due {
  const from = settledUpTo > now + CLOCK_SLACK_MS ? now : Math.max(settledUpTo, now - LOOK_BACK_MS);
  const fires = firesBetween(cron, timeZone, from, now);
  const newest = fires.at(-1);
  if (newest === undefined) return { fire: null, missed: null, upTo: Math.min(settledUpTo, from) };
  const late = now - newest > PROMPT_MS;
  const fire = !late || now - newest <= graceMs ? { at: newest, late } : null;
  const lost = fire ? fires.slice(0, -1) : fires;
  const [first] = lost;
  return { fire, missed: first === undefined ? null : { from: first, to: lost.at(-1) ?? first, count: lost.length }, upTo: newest };
}
