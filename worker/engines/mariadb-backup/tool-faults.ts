import { Fault } from "#lib/domain/fault/fault.ts";
import { outcomeText, type ToolEnd } from "#worker/exec/spawn-tool.ts";

const REASON = /\b(?:error|fatal|failed|cannot|denied|No space)\b/i;
/** Tables may be called so, too. */
const WENT_WELL = /Copying |Copied file |is copied successfully|\.\.\.done|DDL tracking/;
const LAST_LINES = 40;

/** Does the line say why it stopped? Other threads tell of their files for a while after one has failed: such lines are to be kept as they come. */
export function isReason(line: string): boolean {
  return REASON.test(line) && !WENT_WELL.test(line);
}

/**
 * Why a run of `mariadb-backup` ended badly, by what it said on standard error: `reasons`, the first lines of {@link isReason}, and the last of all. It names files, tables and privileges, never rows; hashes of passwords, which
 * it shows with an account's grants, are taken out.
 */
export function toolFault(end: Pick<ToolEnd, "code" | "signal" | "stderrTail">, reasons: readonly string[], target: string, server: string): Fault {
  const last = end.stderrTail.split("\n").filter((line) => line.trim() !== "").slice(-LAST_LINES);
  const lines = [...new Set([...reasons, ...last])].map((line) => line.replace(/IDENTIFIED (?:BY PASSWORD|VIA) .*$/, "IDENTIFIED …"));
  const detail = lines.join("\n");
  if (/No space left on device|errno: 28\b|Disk quota exceeded/i.test(detail)) return new Fault("DISK_FULL", { params: { path: target }, detail });
  if (/Lost connection|server has gone away|Can't connect to|Connection was killed/i.test(detail)) return new Fault("SERVER_CONNECTION_LOST", { params: { server }, detail });
  if (/Access denied for user/i.test(detail)) return new Fault("SERVER_ACCESS_DENIED", { params: { server }, detail });
  const reason = lines.find(isReason) ?? outcomeText(end);
  return new Fault("MARIADB_BACKUP_FAILED", { params: { message: end.signal ? outcomeText(end) : spoken(reason) }, detail });
}

/** Without the thread's number and the time. */
function spoken(line: string): string {
  return line.replace(/^\[\d+\]\s+(?:FATAL ERROR:\s+)?/, "").replace(/^\d{4}-\d\d-\d\d\s+\d{1,2}:\d\d:\d\d\s+/, "").trim();
}
