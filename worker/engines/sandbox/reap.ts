import { readFileSync } from "node:fs";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Name of every isolated server's folder begins so; nothing else in the sandbox folder is ever removed. */
export const RUN_PREFIX = "run-";
export const OWNER_FILE = "owner.json";

/** Who started a sandbox, and its server: pids with their start times, so that a reused pid is never taken for them. */
export interface SandboxOwner {
  readonly worker: ProcessMark;
  readonly server?: ProcessMark;
  /** Folder outside the run's own, for the socket. */
  readonly socketFolder?: string;
}

export interface ProcessMark {
  readonly pid: number;
  /** Start time in clock ticks after boot, field 22 of /proc/pid/stat; empty where there is no /proc. */
  readonly startedAt: string;
}

/**
 * Ends isolated servers whose worker is gone and wipes their folders. Call at the worker's start. Returns what was removed.
 * Folders of a worker that lives (another command line, for instance) are left alone.
 */
export async function reapSandboxes(folder: string): Promise<string[]> {
  const removed: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (!entry.isDirectory() || !entry.name.startsWith(RUN_PREFIX)) continue;
    const path = join(folder, entry.name);
    const owner = await readOwner(join(path, OWNER_FILE));
    if (owner ? isRunning(owner.worker) : await isYoung(path)) continue;
    if (owner?.server && isRunning(owner.server)) await endProcess(owner.server);
    if (owner?.socketFolder?.includes(SOCKET_FOLDER_MARK)) await rm(owner.socketFolder, { recursive: true, force: true });
    if (await wiped(path)) removed.push(path);
  }
  return removed;
}

export const SOCKET_FOLDER_MARK = "/salvagente-";

export function markProcess(pid: number): ProcessMark {
  return { pid, startedAt: startTime(pid) ?? "" };
}

/** Is exactly this process alive (not a zombie, not another with its number)? */
export function isRunning(mark: ProcessMark): boolean {
  const started = startTime(mark.pid);
  return started !== null && started === mark.startedAt;
}

/** False when files came back meanwhile: a database server was still writing its clone there. The next start finds the rest. */
async function wiped(path: string): Promise<boolean> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 10 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTEMPTY") return false;
    throw error;
  }
}

async function endProcess(mark: ProcessMark): Promise<void> {
  try {
    process.kill(mark.pid, "SIGKILL");
  } catch {
    return;
  }
  for (let tries = 0; tries < 100 && isRunning(mark); tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function readOwner(file: string): Promise<SandboxOwner | null> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as SandboxOwner;
  } catch {
    return null;
  }
}

/** Another worker may be between making the folder and writing its name into it. */
async function isYoung(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs < 60_000;
}

function startTime(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The program's name, in parentheses, may hold anything: count from its end.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}
