import type { Flavor } from "#lib/contract/names.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { clientLogin } from "#worker/engines/dump/client-login.ts";
import type { RunAs } from "#worker/engines/sandbox/run-as.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import { signalGroup } from "#worker/exec/launch.ts";
import { OPTION_FILE_ARGUMENT } from "#worker/exec/mysql-option-file.ts";
import { abortFault } from "#worker/exec/run.ts";
import { type SpawnOptions, spawnTool, type ToolEnd } from "#worker/exec/spawn-tool.ts";
import { CopyProgress } from "./copy-progress.ts";
import { LockWatch } from "./lock-watch.ts";
import { isReason, toolFault } from "./tool-faults.ts";

export interface CopyJob {
  readonly program: string;
  readonly access: ServerAccess;
  /** The server's own account: it reads the files and owns the copy. */
  readonly account: RunAs;
  /** Files copied at once. */
  readonly streams: number;
  /** Longest wait for a lock; writers wait behind it meanwhile. */
  readonly lockTimeoutSeconds: number;
  /** Bytes of memory for bringing the copy to one point. */
  readonly memory: number;
  readonly signal: AbortSignal;
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
const KEPT_REASONS = 20;

/**
 * Copies the files of a server that works into `target` (absent, its parent writable for the account) and brings them to one point: `--backup`, then `--prepare`. Tables
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
  const argv = [OPTION_FILE_ARGUMENT, "--backup", `--target-dir=${target}`, `--parallel=${job.streams}`, `--log-copy-interval=${LOG_INTERVAL_MS}`];
  try {
    await tool(job, argv, target, { onStderrLine, extraFds: { 3: login }, fdOwner: job.account, niceness: 10 }, locks.expired);
  } finally {
    locks.end();
    clearInterval(telling);
  }
  const { released, heldMs } = locks;
  if (released === null) throw new Fault("CLONE_INCONSISTENT", { params: { message: "mariadb-backup did not say when it let commits go on" } });
  // Settings of the source's tablespaces, written by --backup; there are no others that count.
  await tool(job, [`--defaults-file=${target}/backup-my.cnf`, "--prepare", `--target-dir=${target}`, `--use-memory=${job.memory}`], target, { niceness: 10 });
  return { snapshotAt: released, lockHeldMs: heldMs };
}

/** It does not listen to SIGTERM, and nothing of what it leaves is of use: it is killed outright, its locks go with its connection. */
async function tool(job: CopyJob, argv: readonly string[], target: string, options: SpawnOptions, breach?: Promise<Fault>): Promise<void> {
  const { signal, account, program, access } = job;
  if (signal.aborted) throw abortFault(signal);
  // Without a change of account nothing else would end it when this process is killed.
  const prefix = account.prefix.length > 0 ? account.prefix : ["setpriv", "--pdeathsig", "KILL", "--"];
  const [file, ...before] = prefix;
  const reasons: string[] = [];
  const onStderrLine = (line: string): void => {
    options.onStderrLine?.(line);
    if (reasons.length < KEPT_REASONS && isReason(line)) reasons.push(line);
  };
  const child = spawnTool(file ?? program, [...before, program, ...argv], { ...options, stdout: "ignore", onStderrLine });
  const kill = (): void => {
    if (child.pid > 0) signalGroup(child.pid, "SIGKILL");
  };
  let fault: Fault | undefined;
  void breach?.then((why) => {
    fault = why;
    kill();
  });
  signal.addEventListener("abort", kill, { once: true });
  let end: ToolEnd;
  try {
    end = await child.done;
  } finally {
    signal.removeEventListener("abort", kill);
  }
  if (signal.aborted) throw abortFault(signal);
  if (fault) throw fault;
  if (end.code !== 0 || !/completed OK!\s*$/.test(end.stderrTail)) throw toolFault(end, reasons, target, access.name);
}
