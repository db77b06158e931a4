import type { Connection, RowDataPacket } from "mysql2/promise";
import { Fault } from "#lib/domain/fault/fault.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { abortFault } from "#worker/exec/run.ts";
import { checkEndState, setStartState, undecidedXa } from "./end-state.ts";
import type { ReplayRequest } from "./replay-request.ts";

const POLL_MS = 50;

/**
 * MySQL's own applier reads the archived files as relay logs: parallel workers, commits in the source's order, stopped before the first transaction
 * that is not wanted. A skipped transaction counts as executed from the start, so the applier passes over it as it would over one it knows.
 */
export async function replayByApplier(request: ReplayRequest): Promise<{ undecidedXa: number }> {
  const { sandbox, start, signal } = request;
  if (signal.aborted) throw abortFault(signal);
  const connection = await connect(sandbox.access);
  try {
    // Files of a server that followed another bring its channels, whose relay logs are not here.
    await connection.query("RESET REPLICA ALL");
    const relayLogs = await sandbox.placeRelayLogs(request.files);
    const last = relayLogs.at(-1) ?? "";
    await setStartState(connection, request);
    await connection.query("CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'replay.invalid', RELAY_LOG_FILE = ?, RELAY_LOG_POS = ?", [relayLogs[0], Number(start.position)]);
    const { beforeGtid, position } = request.stop;
    await (beforeGtid === undefined
      ? connection.query("START REPLICA SQL_THREAD UNTIL RELAY_LOG_FILE = ?, RELAY_LOG_POS = ?", [last, Number(position)])
      : connection.query("START REPLICA SQL_THREAD UNTIL SQL_BEFORE_GTIDS = ?", [beforeGtid]));
    const status = await untilStopped(connection, request);
    await checkEndState(connection, request, { file: last, position: String(status.Relay_Log_Pos), reached: String(status.Relay_Log_File) });
    const undecided = await undecidedXa(connection);
    await connection.query("RESET REPLICA ALL");
    return { undecidedXa: undecided };
  } catch (error) {
    throw signal.aborted ? abortFault(signal) : error;
  } finally {
    connection.destroy();
  }
}

async function untilStopped(connection: Connection, { signal, onProgress, sandbox }: ReplayRequest): Promise<RowDataPacket> {
  for (;;) {
    if (signal.aborted) throw abortFault(signal);
    const status = await replicaStatus(connection);
    if (Number(status.Last_SQL_Errno) !== 0) throw stoppedFault(status, await sandbox.logTail());
    if (status.Replica_SQL_Running === "No") return status;
    onProgress?.(`${status.Relay_Log_File}:${status.Relay_Log_Pos}`);
    // All files are read and the stop was not met: stopping lets the workers finish, the check of the end state then says what is missing.
    if (/has read all relay log/i.test(String(status.Replica_SQL_Running_State))) await connection.query("STOP REPLICA SQL_THREAD");
    else await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function replicaStatus(connection: Connection): Promise<RowDataPacket> {
  const [rows] = await connection.query<RowDataPacket[]>("SHOW REPLICA STATUS");
  const [row] = rows;
  if (!row) throw new Fault("REPLAY_INCOMPLETE", { params: { expected: "an applier", found: "none" } });
  return row;
}

/**
 * The server's texts may quote rows: only the transaction, the error's number, the event and the table are taken out of them. Workers that had to give way
 * to the one that failed report too (3030), and the status may name one of those.
 */
function stoppedFault(status: RowDataPacket, log: string): Fault {
  const text = log.split("\n").find((line) => FAILURE.test(line) && !/Error_code: MY-0*3030\b/.test(line)) ?? String(status.Last_SQL_Error);
  const [, transaction = "?", position] = FAILURE.exec(text) ?? [];
  const [, event, table] = /Could not execute (\w+) event on table ([^;]+?);/.exec(text) ?? [];
  const errno = /Error_code: MY-0*(\d+)/.exec(text)?.[1] ?? String(status.Last_SQL_Errno);
  return new Fault("REPLAY_STOPPED", {
    params: { transaction: transaction === "ANONYMOUS" ? `at position ${position}` : transaction, message: table ? `error ${errno} in ${event} on ${table}` : `error ${errno}` },
  });
}

const FAILURE = /failed executing transaction '([^']+)' at source log [^,]*, end_log_pos (\d+)/;
