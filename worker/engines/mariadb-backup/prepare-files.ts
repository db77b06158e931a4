import { asFault, Fault } from "#lib/domain/fault/fault.ts";
import type { LogPositions } from "#lib/contract/manifest/manifest.ts";
import { removeNotes, writeCheckpoints } from "./copy-notes.ts";
import { runTool, type ToolJob } from "./run-tool.ts";

export interface PrepareJob extends ToolJob {
  /** Bytes of memory for bringing files to one point. */
  readonly memory: number;
}

/** Brings copied files to the one point at which commits were held. What was not committed then is still in them, for a server to roll back: that is what lets increments be applied. */
export async function prepareFiles(job: PrepareJob, data: string): Promise<void> {
  await runTool(job, argvOf(job, data, data), data, { niceness: 10 });
}

/**
 * Brings prepared files that no server was started on to the point of an increment: changed pages are laid over, files of other engines replaced, dropped ones removed, the
 * redo log applied. `lsn`: of the full. The increment is used up. Faults: MARIADB_BACKUP_APPLY (the increment is not one of these files, or a file of either is damaged), DISK_FULL, CANCELLED.
 */
export async function applyIncrement(job: PrepareJob, full: { readonly data: string; readonly lsn: LogPositions }, increment: string): Promise<void> {
  await writeCheckpoints(full.data, full.lsn, { like: increment, account: job.account });
  try {
    await runTool(job, [...argvOf(job, full.data, increment), `--incremental-dir=${increment}`], full.data, { niceness: 10 });
  } catch (error) {
    const fault = asFault(error);
    throw fault.code === "MARIADB_BACKUP_FAILED" ? new Fault("MARIADB_BACKUP_APPLY", { params: fault.params, ...(fault.detail ? { detail: fault.detail } : {}), cause: error }) : error;
  }
  await removeNotes(full.data);
}

/** Settings of the source's tablespaces, written by --backup beside the copy; there are no others that count. */
function argvOf({ memory }: PrepareJob, data: string, settings: string): string[] {
  return [`--defaults-file=${settings}/backup-my.cnf`, "--prepare", `--target-dir=${data}`, `--use-memory=${memory}`];
}
