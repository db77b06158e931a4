import type { Connection, RowDataPacket } from "mysql2/promise";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { ReplayRequest } from "./replay-request.ts";

/**
 * What the full and the skipped transactions stand for is executed already: said to a server that was loaded, known to one that runs on the source's
 * files. Fault REPLAY_INCOMPLETE when the server knows other transactions.
 */
export async function setStartState(connection: Connection, { flavor, start, skip = [] }: ReplayRequest): Promise<void> {
  if (start.gtidSet === null) return;
  if (flavor === "mariadb") {
    await connection.query("RESET MASTER");
    if (start.gtidSet !== "") await connection.query("SET GLOBAL gtid_binlog_state = ?", [start.gtidSet]);
    return;
  }
  const executed = await value(connection, "SELECT @@GLOBAL.gtid_executed");
  if (executed !== "" && !(await sameSet(connection, start.gtidSet, executed))) throw new Fault("REPLAY_INCOMPLETE", { params: { expected: withoutBreaks(start.gtidSet) || "no transactions before the replay", found: withoutBreaks(executed) } });
  const set = [...(executed === "" ? [start.gtidSet] : []), ...skip].filter((part) => part !== "").join(",");
  if (set !== "") await connection.query("SET GLOBAL gtid_purged = ?", [`${executed === "" ? "" : "+"}${set}`]);
}

/** Compares GTIDs, or the applier's place where GTIDs are off. Fault REPLAY_INCOMPLETE. */
export async function checkEndState(connection: Connection, request: ReplayRequest, applier?: { readonly file: string; readonly reached: string; readonly position: string }): Promise<void> {
  const { expectedGtids: expected, flavor } = request;
  if (expected === null) {
    if (!applier || (applier.reached === applier.file && applier.position === request.stop.position)) return;
    throw new Fault("REPLAY_INCOMPLETE", { params: { expected: `${applier.file}:${request.stop.position}`, found: `${applier.reached}:${applier.position}` } });
  }
  const found = flavor === "mysql" ? await value(connection, "SELECT @@GLOBAL.gtid_executed") : await value(connection, "SELECT @@GLOBAL.gtid_binlog_pos");
  const same = flavor === "mysql" ? await sameSet(connection, expected, found) : sameList(expected, found);
  if (!same) throw new Fault("REPLAY_INCOMPLETE", { params: { expected: withoutBreaks(expected), found: withoutBreaks(found) } });
}

export async function undecidedXa(connection: Connection): Promise<number> {
  const [rows] = await connection.query<RowDataPacket[]>("XA RECOVER");
  return rows.length;
}

async function sameSet(connection: Connection, expected: string, found: string): Promise<boolean> {
  const [rows] = await connection.query<RowDataPacket[]>("SELECT GTID_SUBTRACT(?, ?) AS missing, GTID_SUBTRACT(?, ?) AS extra", [expected, found, found, expected]);
  return rows[0]?.missing === "" && rows[0]?.extra === "";
}

function sameList(expected: string, found: string): boolean {
  const sorted = (list: string): string => withoutBreaks(list).split(",").sort().join(",");
  return sorted(expected) === sorted(found);
}

function withoutBreaks(set: string): string {
  return set.replace(/\s/g, "");
}

async function value(connection: Connection, statement: string): Promise<string> {
  const [rows] = await connection.query<RowDataPacket[]>(`${statement} AS v`);
  return String(rows[0]?.v ?? "");
}
