import type { Connection } from "mysql2/promise";
import { Fault } from "#lib/domain/fault/fault.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { abortFault } from "#worker/exec/run.ts";
import type { LoadTarget } from "./client-session.ts";
import { withoutValues } from "./server-message.ts";

/** Number of the character set `binary` in the protocol: the driver then sends each character as one byte. */
const BINARY = 63;

/**
 * Sends statements (one character for each byte) over a connection of their own, each as it is, and stops at the first error.
 * `label` names the artifact. Faults: LOAD_FAILED, CANCELLED.
 */
export async function runStatements(target: LoadTarget, statements: readonly string[], label: string): Promise<void> {
  const connection = await connect(target.access);
  const onAbort = (): void => connection.destroy();
  target.signal.addEventListener("abort", onAbort, { once: true });
  let number = 0;
  try {
    if (target.skipBinlog) await connection.query("SET SESSION sql_log_bin = 0");
    for (const statement of statements) {
      number++;
      await sendBytes(connection, statement);
    }
  } catch (error) {
    if (target.signal.aborted) throw abortFault(target.signal);
    throw statementFault(error, label, ` in statement ${number}`);
  } finally {
    target.signal.removeEventListener("abort", onAbort);
    connection.destroy();
  }
}

/** LOAD_FAILED for what the driver says of a statement of this artifact, without values of rows; everything that does not come from the server as it is. */
export function statementFault(error: unknown, label: string, place = ""): unknown {
  const { errno, sqlState, sqlMessage, message } = error as { errno?: number; sqlState?: string; sqlMessage?: string; message?: string };
  if (errno === undefined || error instanceof Fault) return error;
  return new Fault("LOAD_FAILED", { params: { artifact: label, message: `ERROR ${errno} (${sqlState})${place}: ${withoutValues(errno, sqlMessage ?? message ?? "")}` } });
}

/**
 * One statement as its bytes. The driver follows what the session says of its character set, and would encode accordingly: it is told for this statement that there is nothing to encode.
 */
export async function sendBytes(connection: Connection, statement: string): Promise<void> {
  const { config } = (connection as unknown as { connection: { config: { charsetNumber: number } } }).connection;
  const before = config.charsetNumber;
  config.charsetNumber = BINARY;
  try {
    await connection.query(statement);
  } finally {
    // unless the statement itself chose another one
    if (config.charsetNumber === BINARY) config.charsetNumber = before;
  }
}
