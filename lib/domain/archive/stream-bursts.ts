import type { LogFile } from "./session-plan.ts";

/**
 * A stream that grows by so many bytes between two looks brings many small transactions: each of them wakes a thread of the server and the program, which costs more than the
 * transaction's bytes. Of less nothing would be saved.
 */
const LEAST_BYTES = 64 * 1024;
/** So much comes in large pieces by itself. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Is it worth to read what comes next in bursts? As the newest file here stood at the last look, and stands now. A file that has just begun tells nothing yet. */
export function comesInSmallPieces(before: LogFile | null, now: LogFile | null): boolean {
  if (!before || !now || before.name !== now.name) return false;
  const grown = now.bytes - before.bytes;
  return grown >= LEAST_BYTES && grown <= MOST_BYTES;
}
