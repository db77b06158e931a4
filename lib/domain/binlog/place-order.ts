import { fileNumber } from "../archive/session-plan.ts";

/** A place in one server's binary logs; `position` is decimal text. */
export interface LogPlace {
  readonly file: string;
  readonly position: string;
}

/** Does `place` lie no later than `other`? Both of one server whose logs were not begun anew in between. */
export function isAtOrBefore(place: LogPlace, other: LogPlace): boolean {
  const [one, two] = [fileNumber(place.file), fileNumber(other.file)];
  return one < two || (one === two && BigInt(place.position) <= BigInt(other.position));
}
