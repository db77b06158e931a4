/** A worker beats every 10 s; after three missed beats it is late, after two minutes silent. */
export const LATE_MS = 30_000;
export const SILENT_MS = 120_000;

/** @param beatAt instant of the last sign of life, milliseconds; null if there never was one */
export function workerState(beatAt: number | null, now: number): "up" | "late" | "down" | "unknown" {
  if (beatAt === null) return "unknown";
  const age = now - beatAt;
  if (age > SILENT_MS) return "down";
  return age > LATE_MS ? "late" : "up";
}
