/** Where the time comes from; tests put their own in. */
export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
  /** Monotonic milliseconds, for durations only. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/** An instant in ISO-8601, UTC, milliseconds: `2026-11-23T02:00:07.123Z`. */
export function isoNow(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
