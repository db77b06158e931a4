import { Fault } from "#lib/domain/fault/fault.ts";
import { outcomeText, type ToolEnd } from "#worker/exec/spawn-tool.ts";

/** Lines that say why it stopped; the others tell of files that went well. */
const REASON = /\b(?:error|fatal|failed|cannot|denied|No space)\b/i;
const LAST_LINES = 40;

/**
 * Why a run of `mariadb-backup` ended badly, by the last of what it said on standard error. It names files, tables and privileges, never rows; hashes of passwords, which
 * it shows with an account's grants, are taken out.
 */
export function toolFault(end: Pick<ToolEnd, "code" | "signal" | "stderrTail">, target: string, server: string): Fault {
  const lines = end.stderrTail.replace(/IDENTIFIED (?:BY PASSWORD|VIA) .*$/gm, "IDENTIFIED …").split("\n").filter((line) => line.trim() !== "").slice(-LAST_LINES);
  const detail = lines.join("\n");
  if (/No space left on device|errno: 28\b|Disk quota exceeded/i.test(detail)) return new Fault("DISK_FULL", { params: { path: target }, detail });
  if (/Lost connection|server has gone away|Can't connect to|Connection was killed/i.test(detail)) return new Fault("SERVER_CONNECTION_LOST", { params: { server }, detail });
  if (/Access denied for user/i.test(detail)) return new Fault("SERVER_ACCESS_DENIED", { params: { server }, detail });
  const reason = lines.find((line) => REASON.test(line)) ?? outcomeText(end);
  return new Fault("MARIADB_BACKUP_FAILED", { params: { message: end.signal ? outcomeText(end) : spoken(reason) }, detail });
}

/** Without the thread's number and the time. */
function spoken(line: string): string {
  return line.replace(/^\[\d+\]\s+(?:FATAL ERROR:\s+)?/, "").replace(/^\d{4}-\d\d-\d\d\s+\d{1,2}:\d\d:\d\d\s+/, "").trim();
}
