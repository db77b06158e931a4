import type { Flavor } from "#lib/contract/names.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { clientLogin } from "#worker/engines/dump/client-login.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import { OPTION_FILE_ARGUMENT } from "#worker/exec/mysql-option-file.ts";
import { CopyProgress } from "./copy-progress.ts";
import { LockWatch } from "./lock-watch.ts";
import { runTool, type ToolJob } from "./run-tool.ts";

/** The account is the server's own: it reads the files and owns the copy. */
export interface CopyJob extends ToolJob {
  readonly access: ServerAccess;
  /** Files copied at once. */
  readonly streams: number;
  /** Longest wait for a lock; writers wait behind it meanwhile. */
  readonly lockTimeoutSeconds: number;
  /** Only pages that changed after this place in the redo log, and all files of other engines. Default: everything. */
  readonly since?: string | undefined;
  readonly now: () => number;
  readonly onProgress?: (progress: { readonly bytesDone: number; readonly item: string }) => void;
}

export interface CopiedFiles {
  /** Epoch milliseconds: commits were held then, and the copy stands at that point. */
  readonly snapshotAt: number;
  /** How long commits were held. */
  readonly lockHeldMs: number;
}

const FLAVOR: Flavor = "mariadb";
/** Milliseconds between looks of the thread that follows the redo log. By default it sleeps a second, with commits held. */
const LOG_INTERVAL_MS = 50;
const TELL_EVERY_MS = 500;

/**
 * Copies the files of a server that works into `target` (absent, its parent writable for the account); of use once they are prepared, or applied to their full. Tables
 * of all engines are among them. Writers are held for the moment at the end in which the place in the binary log is read; writers of MyISAM while their files are copied.
 * What is there after a failure is for the caller to remove. Faults: MARIADB_BACKUP_FAILED, LOCK_TIMEOUT, DISK_FULL, SERVER_CONNECTION_LOST, SERVER_ACCESS_DENIED, CANCELLED.
 */
export async function copyFiles(job: CopyJob, target: string): Promise<CopiedFiles> {
  const locks = new LockWatch(job.lockTimeoutSeconds * 1000, job.now);
  const progress = new CopyProgress(target);
  const onStderrLine = (line: string): void => {
    locks.read(line);
    progress.read(line);
  };
  const telling = setInterval(() => void progress.bytes().then((bytesDone) => job.onProgress?.({ bytesDone, item: progress.item })), TELL_EVERY_MS);
  const login = clientLogin(job.access, FLAVOR);
  const argv = [OPTION_FILE_ARGUMENT, "--backup", `--target-dir=${target}`, `--parallel=${job.streams}`, `--log-copy-interval=${LOG_INTERVAL_MS}`, ...(job.since === undefined ? [] : [`--incremental-lsn=${job.since}`])];
  try {
    await runTool(job, argv, target, { onStderrLine, extraFds: { 3: login }, fdOwner: job.account, niceness: 10 }, locks.expired);
  } finally {
    locks.end();
    clearInterval(telling);
  }
  const { released, heldMs } = locks;
  if (released === null) throw new Fault("CLONE_INCONSISTENT", { params: { message: "mariadb-backup did not say when it let commits go on" } });
  return { snapshotAt: released, lockHeldMs: heldMs };
}
