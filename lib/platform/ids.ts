import { createHash, randomBytes } from "node:crypto";

/** `20261123T020000Z-4f9a1c`: sorts by time, safe as file name, object key and queue id (no colon). */
export function newId(now: number): string {
  return `${stamp(now)}-${randomBytes(3).toString("hex")}`;
}

/** Id of the run of a schedule at an instant: worker and controller name the same fire alike, so it is one run whoever speaks of it first. */
export function fireId(host: string, schedule: string, at: number): string {
  return derivedId(at, ["schedule", host, schedule]);
}

/** An id that is the same for the same instant and words. */
export function derivedId(at: number, words: readonly string[]): string {
  return `${stamp(at)}-${createHash("sha256").update(JSON.stringify([at, ...words])).digest("hex").slice(0, 12)}`;
}

/** The instant as `YYYYMMDDTHHMMSSZ`, UTC. */
export function stamp(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
}
