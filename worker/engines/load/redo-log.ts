import type { Connection, RowDataPacket } from "mysql2/promise";
import { Fault } from "#lib/domain/fault/fault.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";

/**
 * Turns InnoDB's redo log off (MySQL 8.0.21 and up) for a throw-away or new server; false where that is unknown or refused.
 * A crash from here on makes the server unusable: it must be made anew, never started again.
 */
export async function disableRedoLog(connection: Connection): Promise<boolean> {
  try {
    await connection.query("ALTER INSTANCE DISABLE INNODB REDO_LOG");
    return true;
  } catch {
    return false;
  }
}

/** Turns it on again and asks the server whether it is. Fault SANDBOX_FAILED. */
export async function enableRedoLog(connection: Connection): Promise<void> {
  await connection.query("ALTER INSTANCE ENABLE INNODB REDO_LOG");
  const [rows] = await connection.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Innodb_redo_log_enabled'");
  if (rows[0]?.Value !== "ON") throw new Fault("SANDBOX_FAILED", { params: { message: "the redo log could not be enabled again" } });
}

/**
 * On again after a load that failed with `fault`, through a connection of its own: the first one may be gone. Where that cannot be (a server that died too is
 * of no use any more), the same fault with that added.
 */
export async function restoreRedoLog(access: ServerAccess, fault: Fault): Promise<void> {
  try {
    const connection = await connect(access);
    await enableRedoLog(connection).finally(() => connection.destroy());
  } catch (cause) {
    const told = `the redo log of the new server is still off (if it was killed, it never starts again: make it anew): ${(cause as Error).message}`;
    throw new Fault(fault.code, { params: { ...fault.params, message: [fault.params.message, told].filter(Boolean).join("; ") }, detail: told, cause: fault });
  }
}
