import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Pid and start time of a process: a reused pid is not taken for the owner. Empty when there is no such process. */
export function processMark(pid: number): string {
  const stat = readText(`/proc/${pid}/stat`);
  return stat === "" ? "" : `${pid} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? ""}`;
}

/** Is the process that wrote this mark still there? */
export function isMarkAlive(mark: string): boolean {
  return mark !== "" && processMark(Number(mark.split(" ")[0])) === mark;
}

/** Notes that this process conducts the run; the function given back takes the note away. */
export function markOwner(folder: string, runId: string): () => void {
  const path = ownerPath(folder, runId);
  writeFileSync(path, processMark(process.pid), { mode: 0o600 });
  return () => rmSync(path, { force: true });
}

/** Does the process that conducts the run still live? */
export function isOwnerAlive(folder: string, runId: string): boolean {
  return isMarkAlive(readText(ownerPath(folder, runId)));
}

/** Does any process of this host conduct a run? */
export function isAnyOwnerAlive(folder: string): boolean {
  return readdirSync(folder).some((name) => name.endsWith(".owner") && isMarkAlive(readText(join(folder, name))));
}

/** The text of a small file, empty when there is none. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function ownerPath(folder: string, runId: string): string {
  return join(folder, `${runId}.owner`);
}
