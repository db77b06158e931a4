import { chown, copyFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LogPositions } from "#lib/contract/manifest/manifest.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { RunAs } from "#worker/engines/sandbox/run-as.ts";

/** What the program wrote beside the files that it copied. */
export interface CopyNotes {
  /** In the source's binary log; null where it wrote none. */
  readonly place: { readonly file: string; readonly position: string } | null;
  readonly lsn: LogPositions;
}

const NOTES = /^(?:(?:xtrabackup|mariadb_backup)_\w+|backup-my\.cnf)$/;
/** From 11.1 on, and before. */
const BINLOG_INFO = ["mariadb_backup_binlog_info", "xtrabackup_binlog_info"];
const SETTINGS = "backup-my.cnf";
const CHECKPOINTS = ["mariadb_backup_checkpoints", "xtrabackup_checkpoints"];

/** Fault MARIADB_BACKUP_FAILED where they do not say where the copy stands in the redo log. */
export async function readNotes(folder: string): Promise<CopyNotes> {
  const [file, position = ""] = ((await readAny(folder, BINLOG_INFO))?.text.split("\n")[0] ?? "").split("\t");
  const lsn = logPositionsIn((await readAny(folder, CHECKPOINTS))?.text ?? "");
  if (!lsn) throw new Fault("MARIADB_BACKUP_FAILED", { params: { message: "it did not note where the copy stands in the redo log" } });
  return { place: file && /^\d+$/.test(position) ? { file, position } : null, lsn };
}

/** No server has such files. */
export async function removeNotes(folder: string): Promise<void> {
  for (const note of (await readdir(folder)).filter((name) => NOTES.test(name))) await rm(join(folder, note));
}

/** Tells the program anew what files it has before it: a prepared full, which stands there, of a server with the settings of the increment's. `like`: a folder with the notes of the same version. */
export async function writeCheckpoints(data: string, { from, to, last }: LogPositions, { like, account }: { readonly like: string; readonly account: Pick<RunAs, "uid" | "gid"> }): Promise<void> {
  const name = (await readAny(like, CHECKPOINTS))?.name;
  if (!name) throw new Fault("MARIADB_BACKUP_APPLY", { params: { message: "the increment lacks its notes" } });
  await writeFile(join(data, name), `backup_type = log-applied\nfrom_lsn = ${from}\nto_lsn = ${to}\nlast_lsn = ${last}\n`);
  await copyFile(join(like, SETTINGS), join(data, SETTINGS));
  for (const note of [name, SETTINGS]) await chown(join(data, note), account.uid, account.gid);
}

/** Reads `name = value` lines; null unless all three positions stand there. */
export function logPositionsIn(text: string): LogPositions | null {
  const number = (name: string): string | undefined => new RegExp(`^${name}\\s*=\\s*(\\d{1,20})\\s*$`, "m").exec(text)?.[1];
  const [from, to, last] = [number("from_lsn"), number("to_lsn"), number("last_lsn")];
  return from !== undefined && to !== undefined && last !== undefined ? { from, to, last } : null;
}

async function readAny(folder: string, names: readonly string[]): Promise<{ readonly name: string; readonly text: string } | null> {
  for (const name of names) {
    const text = await readFile(join(folder, name), "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    if (text !== null) return { name, text };
  }
  return null;
}
