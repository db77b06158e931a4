import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

const NOTES = /^(?:(?:xtrabackup|mariadb_backup)_\w+|backup-my\.cnf)$/;
/** From 11.1 on, and before. */
const BINLOG_INFO = ["mariadb_backup_binlog_info", "xtrabackup_binlog_info"];

/** File and position, as the program wrote them beside the copied files; null where it wrote none. Its notes are gone afterwards: no server has such files. */
export async function takeNotes(data: string): Promise<{ readonly file: string; readonly position: string } | null> {
  const notes = (await readdir(data)).filter((name) => NOTES.test(name));
  const name = BINLOG_INFO.find((known) => notes.includes(known));
  const [file, position = ""] = name ? ((await readFile(join(data, name), "utf8")).split("\n")[0] ?? "").split("\t") : [];
  for (const note of notes) await rm(join(data, note));
  return file && /^\d+$/.test(position) ? { file, position } : null;
}
