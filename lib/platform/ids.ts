import { randomBytes } from "node:crypto";

/** `20261123T020000Z-4f9a1c`: sorts by time, safe as file name, object key and queue id (no colon). */
export function newId(now: number): string {
  return `${stamp(now)}-${randomBytes(3).toString("hex")}`;
}

/** The instant as `YYYYMMDDTHHMMSSZ`, UTC. */
export function stamp(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
}
