import { randomUUID } from "node:crypto";
import { linkSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "#lib/domain/fault/fault.ts";
import { isMarkAlive, processMark, readText } from "./run-owner.ts";

/**
 * One run at a time on a subject (a server being backed up, a restore target), across worker and CLI of this host.
 * A lock whose owner is gone is taken over. Fault RUN_ALREADY_ACTIVE.
 */
export async function withRunLock<T>(folder: string, subject: string, work: () => Promise<T>): Promise<T> {
  const path = lockPath(folder, subject);
  take(path, subject);
  try {
    return await work();
  } finally {
    unlinkSync(path);
  }
}

/** Does a living process of this host hold the lock on a subject? */
export function isRunLocked(folder: string, subject: string): boolean {
  return isMarkAlive(readText(lockPath(folder, subject)));
}

/** What a backup of a server holds from its beginning to its end. */
export function backupSubject(server: string): string {
  return `backup-${server}`;
}

function lockPath(folder: string, subject: string): string {
  return join(folder, `${subject.replace(/[^A-Za-z0-9._-]/g, "_")}.lock`);
}

/** The mark is written in full before the lock gets its name: nobody ever finds a lock without an owner. */
function take(path: string, subject: string): void {
  const draft = `${path}.${process.pid}.${randomUUID()}`;
  writeFileSync(draft, processMark(process.pid), { mode: 0o600 });
  try {
    if (claim(draft, path)) return;
    const owner = readText(path);
    if (!isMarkAlive(owner)) clearStale(path, owner);
    if (!claim(draft, path)) throw new Fault("RUN_ALREADY_ACTIVE", { params: { subject } });
  } finally {
    rmSync(draft, { force: true });
  }
}

/** False when the name is taken. */
function claim(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
}

/**
 * Takes a dead owner's lock away. Between the look and the taking somebody else may have done so and locked again: what was taken is
 * looked at once more, and a living owner gets it back.
 */
function clearStale(path: string, seen: string): void {
  const aside = `${path}.${process.pid}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (readText(aside) !== seen) claim(aside, path);
  rmSync(aside, { force: true });
}
