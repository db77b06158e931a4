import type { Connection } from "mysql2/promise";
import { Fault } from "#lib/domain/fault/fault.ts";
import { textRows } from "#worker/engines/inventory/information-schema.ts";
import { connect, lostConnection, type ServerAccess } from "#worker/engines/server/connect.ts";
import { abortFault } from "#worker/exec/run.ts";

const POLL_MS = 500;
const KILL_EVERY_MS = 200;

export interface CloneProgress {
  /** `FILE COPY`, `PAGE COPY`, `REDO COPY`, `FILE SYNC`. */
  readonly stage: string;
  readonly bytesDone: number;
  /** The server's estimate; grows while it is written to. */
  readonly bytesTotal: number;
}

/**
 * Lets the server copy its own data files into `target` (absolute; absent, its parent writable for the server's account). Writers are not held.
 * Gives the moment of its end, epoch milliseconds of this host: the copy stands no later. What is there after a failure is for the caller to remove.
 * Faults: CLONE_FOLDER_REFUSED, CLONE_FILES_ELSEWHERE, CLONE_RUNNING, CLONE_FAILED, DISK_FULL, SERVER_CONNECTION_LOST, CANCELLED.
 */
export async function cloneLocal(access: ServerAccess, target: string, options: { readonly signal: AbortSignal; readonly now: () => number; readonly onProgress?: (progress: CloneProgress) => void }): Promise<number> {
  const { signal } = options;
  if (signal.aborted) throw abortFault(signal);
  const [connection, watcher] = [await connect(access), await connect(access)];
  let ended = false;
  const watching = watch(watcher, () => ended, options.onProgress);
  let killing: NodeJS.Timeout | undefined;
  // A KILL that comes before the statement has begun does nothing: asked again until it has ended.
  const onAbort = (): void => {
    killing = setInterval(() => void watcher.query(`KILL QUERY ${connection.threadId}`).catch(() => undefined), KILL_EVERY_MS);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await connection.query("CLONE LOCAL DATA DIRECTORY = ?", [target]);
    if (signal.aborted) throw abortFault(signal);
    return options.now();
  } catch (error) {
    throw signal.aborted ? abortFault(signal) : cloneFault(access, target, error);
  } finally {
    ended = true;
    clearInterval(killing);
    signal.removeEventListener("abort", onAbort);
    await watching;
    for (const open of [connection, watcher]) open.destroy();
  }
}

async function watch(watcher: Connection, ended: () => boolean, onProgress: ((progress: CloneProgress) => void) | undefined): Promise<void> {
  while (!ended()) {
    const rows = await textRows(watcher, "SELECT STAGE, STATE, DATA, ESTIMATE FROM performance_schema.clone_progress").catch(() => []);
    const stage = rows.find(([, state]) => state === "In Progress")?.[0];
    const sum = (column: number): number => rows.reduce((total, row) => total + Number(row[column] ?? 0), 0);
    if (stage && !ended()) onProgress?.({ stage, bytesDone: sum(2), bytesTotal: Math.max(sum(2), sum(3)) });
    for (const until = Date.now() + POLL_MS; !ended() && Date.now() < until; ) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The server names files and folders only, never rows. */
function cloneFault(access: ServerAccess, target: string, error: unknown): unknown {
  const { errno, message = "" } = error as { errno?: number; message?: string };
  const params = { message };
  if (/errno:? 28\b|No space left on device|Available space .* is not enough/i.test(message)) return new Fault("DISK_FULL", { params: { path: target }, detail: message, cause: error });
  if (/errno:? 13\b|Permission denied|errno:? 30\b|Read-only file system/i.test(message)) return new Fault("CLONE_FOLDER_REFUSED", { params: { path: target, message }, cause: error });
  if (errno === 1086) return new Fault("CLONE_FILES_ELSEWHERE", { params: { count: 1, tables: message }, cause: error });
  if (errno === ER_CLONE_TOO_MANY_CONCURRENT_CLONES) return new Fault("CLONE_RUNNING", { params: { server: access.name, path: "—", id: "—" }, detail: message, cause: error });
  if (errno === undefined || errno === ER_SERVER_SHUTDOWN) return lostConnection(access.name, error);
  return new Fault("CLONE_FAILED", { params, cause: error });
}

const ER_CLONE_TOO_MANY_CONCURRENT_CLONES = 3634;
const ER_SERVER_SHUTDOWN = 1053;
