import { Fault } from "#lib/domain/fault/fault.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import { lostConnection } from "#worker/engines/server/connect.ts";
import { type CloneOptions, runClone } from "./run-clone.ts";

/**
 * Lets the server copy its own data files into `target` (absolute; absent, its parent writable for the server's account). Writers are not held.
 * Gives the moment of its end, epoch milliseconds of this host: the copy stands no later. What is there after a failure is for the caller to remove.
 * Faults: CLONE_FOLDER_REFUSED, CLONE_FILES_ELSEWHERE, CLONE_RUNNING, CLONE_FAILED, CLONE_TABLES_LATE, DISK_FULL, SERVER_CONNECTION_LOST, CANCELLED.
 */
export function cloneLocal(access: ServerAccess, target: string, options: CloneOptions): Promise<number> {
  return runClone({ access, sql: "CLONE LOCAL DATA DIRECTORY = ?", values: [target] }, options, (error) => cloneFault(access.name, target, error));
}

/** The server names files and folders only, never rows. */
export function cloneFault(server: string, target: string, error: unknown): unknown {
  const { errno, message = "" } = error as { errno?: number; message?: string };
  const params = { message };
  if (/errno:? 28\b|No space left on device|Available space .* is not enough/i.test(message)) return new Fault("DISK_FULL", { params: { path: target }, detail: message, cause: error });
  if (/errno:? 13\b|Permission denied|errno:? 30\b|Read-only file system/i.test(message)) return new Fault("CLONE_FOLDER_REFUSED", { params: { path: target, message }, cause: error });
  if (errno === 1086) return new Fault("CLONE_FILES_ELSEWHERE", { params: { count: 1, tables: message }, cause: error });
  if (errno === ER_CLONE_TOO_MANY_CONCURRENT_CLONES) return new Fault("CLONE_RUNNING", { params: { server, path: "—", id: "—" }, detail: message, cause: error });
  if (errno === undefined || errno === ER_SERVER_SHUTDOWN) return lostConnection(server, error);
  return new Fault("CLONE_FAILED", { params, cause: error });
}

const ER_CLONE_TOO_MANY_CONCURRENT_CLONES = 3634;
const ER_SERVER_SHUTDOWN = 1053;
