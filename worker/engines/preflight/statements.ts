import type { Connection } from "mysql2/promise";
import type { Flavor } from "#lib/contract/names.ts";
import { series } from "#worker/engines/server/identify.ts";
import { textRows } from "../inventory/information-schema.ts";
import type { ProbeStep } from "#worker/ports/destination.ts";
import { type Finding, finding } from "./finding.ts";
import { accountInStatement } from "./grants.ts";

/** Errors that mean «not allowed», whatever the statement. */
const DENIED = new Set([1044, 1045, 1142, 1143, 1227, 1370]);
const LOCK_WAIT = 1205;
const NO_SUCH_TABLE = 1146;

interface Trial {
  readonly step: string;
  readonly statement: string;
  /** Undoes it at once. */
  readonly undo?: string;
  /** The least privilege that allows it. */
  readonly privilege: string;
  /** What the privilege is on, where not on the server as a whole. Where it does not exist nothing is asked of it. */
  readonly on?: string;
}

/**
 * Runs once, as the backup account, each statement that a backup will need; each only as far as its privilege check shows, so that no
 * writer waits: FLUSH of a table that does not exist asks for the same privilege as the global read lock.
 */
export async function tryStatements(connection: Connection, flavor: Flavor, version: string): Promise<{ steps: ProbeStep[]; refused: string[]; filters: string[]; findings: Finding[] }> {
  const steps: ProbeStep[] = [];
  const refused: string[] = [];
  const findings: Finding[] = [];
  let filters: string[] = [];
  const [row] = await textRows(connection, "SELECT CURRENT_USER()");
  await connection.query("SET SESSION lock_wait_timeout = 2");
  for (const trial of trials(flavor, version)) {
    const began = performance.now();
    const ms = (): number => Math.round(performance.now() - began);
    try {
      const rows = await textRows(connection, trial.statement).catch(onlyRows);
      if (trial.step === "binlog-status") filters = [rows[0]?.[2] && `binlog_do_db=${rows[0][2]}`, rows[0]?.[3] && `binlog_ignore_db=${rows[0][3]}`].filter((text) => typeof text === "string" && text !== "").map(String);
      if (trial.undo) await connection.query(trial.undo);
      steps.push({ step: trial.step, ok: true, ms: ms() });
    } catch (error) {
      const { errno, message } = error as { errno?: number; message?: string };
      if (errno === undefined) throw error;
      if (trial.on && errno === NO_SUCH_TABLE) continue;
      steps.push({ step: trial.step, ok: false, ms: ms(), detail: String(message).slice(0, 300) });
      if (DENIED.has(errno) && trial.on) findings.push(finding("error", "SERVER_GRANT_MISSING", { grant: `${trial.privilege} ON ${trial.on}`, statement: `GRANT ${trial.privilege} ON ${trial.on} TO ${accountInStatement(row?.[0] ?? "")};` }));
      else if (DENIED.has(errno)) refused.push(trial.privilege);
      else if (errno === LOCK_WAIT) findings.push(finding("warning", "LOCK_TIMEOUT", { seconds: 2 }, String(message)));
      else findings.push(finding("error", "UNEXPECTED", { message: `${trial.step}: ${message}` }));
    }
  }
  return { steps, refused, filters, findings };
}

function trials(flavor: Flavor, version: string): Trial[] {
  if (flavor === "mariadb") {
    return [
      { step: "backup-stage", statement: "BACKUP STAGE START", undo: "BACKUP STAGE END", privilege: "RELOAD" },
      { step: "flush-tables", statement: "FLUSH LOCAL TABLES mysql.salvagente_none", privilege: "RELOAD" },
      { step: "binlog-status", statement: "SHOW MASTER STATUS", privilege: "BINLOG MONITOR" },
    ];
  }
  const [major, minor] = series(version);
  const newWords = major > 8 || (major === 8 && minor >= 2);
  return [
    ...(major >= 8 ? [{ step: "backup-lock", statement: "LOCK INSTANCE FOR BACKUP", undo: "UNLOCK INSTANCE", privilege: "BACKUP_ADMIN" }] : []),
    { step: "flush-tables", statement: "FLUSH LOCAL TABLES mysql.salvagente_none", privilege: "FLUSH_TABLES" },
    // mysqldump 9.7 asks it for policies that would hide values, and complains without an answer. Who may not see the schema is denied what does not even exist.
    { step: "masking-policies", statement: "SELECT policy_name FROM performance_schema.column_masking_policy LIMIT 0", privilege: "SELECT", on: "performance_schema.*" },
    { step: "binlog-status", statement: newWords ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS", privilege: "REPLICATION CLIENT" },
  ];
}

/** A statement without a result set gives no rows to map. */
function onlyRows(error: unknown): (string | null)[][] {
  if (error instanceof TypeError) return [];
  throw error;
}
