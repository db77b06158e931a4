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
    const { errno, sqlState, sqlMessage, message } = error as { errno?: number; sqlState?: string; sqlMessage?: string; message?: string };
    if (errno === undefined || error instanceof Fault) throw error;
    throw new Fault("LOAD_FAILED", { params: { artifact: label, message: `ERROR ${errno} (${sqlState}) in statement ${number}: ${withoutValues(errno, sqlMessage ?? message ?? "")}` } });
  } finally {
    target.signal.removeEventListener("abort", onAbort);
    connection.destroy();
  }
}

/** One statement as its bytes. The driver follows what the session says of its character set, and would encode accordingly: it is told anew each time that there is nothing to encode. */
export async function sendBytes(connection: Connection, statement: string): Promise<void> {
  const { config } = (connection as unknown as { connection: { config: { charsetNumber: number } } }).connection;
  config.charsetNumber = BINARY;
  await connection.query(statement);
}
