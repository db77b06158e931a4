import type { SourceServer } from "#lib/contract/manifest/manifest.ts";
import { series } from "#worker/engines/server/identify.ts";
import { type Finding, finding } from "./finding.ts";

/** Below this a pause of the archive over a long weekend cannot be caught up. */
const LEAST_EXPIRY_SECONDS = 3 * 24 * 3600;

/** Greatest value, and the one that a server starts with. */
const NO_LIMIT = "18446744073709551615";

/** Settings that decide what a point-in-time restore can give (design B6). `variables` are global ones by lower-case name, `filters` what the binary log leaves out. */
export function settingFindings(server: SourceServer, variables: ReadonlyMap<string, string>, { filters, redoOff }: { readonly filters: readonly string[]; readonly redoOff: boolean }): Finding[] {
  const findings: Finding[] = redoOff ? [finding("warning", "SERVER_REDO_OFF", { server: server.name })] : [];
  const value = (name: string): string => variables.get(name) ?? "";
  if (!isKnownVersion(server)) findings.push(finding("error", "SERVER_VERSION_UNKNOWN", { server: server.name, version: server.version }));
  const limit = selectLimit(variables);
  // MySQL's dump program is told to have none, where it takes a word (see preflight-stage.ts).
  if (limit !== null) findings.push(finding(server.flavor === "mysql" ? "warning" : "error", "SERVER_SELECT_LIMITED", { server: server.name, value: limit }));
  if (!isOn(value("log_bin"))) return [...findings, finding("warning", "SERVER_BINLOG_OFF", { server: server.name })];
  if (variables.has("binlog_format") && value("binlog_format") !== "ROW") findings.push(finding("warning", "SERVER_BINLOG_FORMAT", { value: value("binlog_format") }));
  if (variables.has("binlog_row_image") && value("binlog_row_image") !== "FULL") findings.push(finding("warning", "SERVER_BINLOG_ROW_IMAGE", { value: value("binlog_row_image") }));
  if (value("sync_binlog") !== "1") findings.push(finding("warning", "SERVER_BINLOG_NOT_DURABLE", { value: value("sync_binlog") }));
  if (value("innodb_flush_log_at_trx_commit") !== "1") findings.push(finding("warning", "SERVER_REDO_NOT_DURABLE", { value: value("innodb_flush_log_at_trx_commit") }));
  if (value("binlog_checksum") === "NONE") findings.push(finding("warning", "SERVER_BINLOG_CHECKSUM", { value: value("binlog_checksum") }));
  if (filters.length > 0) findings.push(finding("warning", "SERVER_BINLOG_FILTERED", { filters: filters.join(", ") }));
  const expiry = expirySeconds(variables);
  if (expiry > 0 && expiry < LEAST_EXPIRY_SECONDS) findings.push(finding("warning", "SERVER_BINLOG_EXPIRY", { hours: Math.round((expiry / 3600) * 10) / 10 }));
  if (server.flavor === "mysql" && value("gtid_mode") !== "ON") findings.push(finding("info", "SERVER_GTID_OFF", { value: value("gtid_mode") || "OFF" }));
  return findings;
}

/** Calendar numbers (26.x) have begun: never «major below 10». */
function isKnownVersion({ flavor, version }: SourceServer): boolean {
  const [major, minor] = series(version);
  return flavor === "mysql" ? major > 5 || (major === 5 && minor >= 7) : major > 10 || (major === 10 && minor >= 3);
}

/** What keeps rows from who asks for all of a table; null: nothing. */
function selectLimit(variables: ReadonlyMap<string, string>): string | null {
  const all = variables.get("sql_select_limit") ?? NO_LIMIT;
  if (all !== NO_LIMIT) return `sql_select_limit = ${all}`;
  return /sql_select_limit/i.test(variables.get("init_connect") ?? "") ? "init_connect" : null;
}

/** Seconds until the server deletes a binary log; 0 = never. */
function expirySeconds(variables: ReadonlyMap<string, string>): number {
  if (variables.get("binlog_expire_logs_auto_purge") === "OFF") return 0;
  return Number(variables.get("binlog_expire_logs_seconds") ?? 0) || Number(variables.get("expire_logs_days") ?? 0) * 86_400;
}

function isOn(value: string): boolean {
  return value === "ON" || value === "1";
}
