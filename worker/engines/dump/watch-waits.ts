import type { Connection, RowDataPacket } from "mysql2/promise";
import { Fault } from "#lib/domain/fault/fault.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";

const LOOK_MS = 500;

/**
 * Looks whether a statement of the backup's account (reading rows or definitions) has waited for a table's structure for longer than `seconds`, and says so once with DUMP_WAITS. MariaDB keeps what a transaction
 * has read to its end, and a dump's snapshot ends with the dump: an ALTER or LOCK TABLES of others waits for that, whatever comes after it to the table waits for the ALTER, the dump too. Nobody would ever go on.
 * A connection that is lost ends the watch; the dump notices that by itself. Faults of opening: those of `connect`.
 */
export async function watchWaits(access: ServerAccess, seconds: number, tell: (fault: Fault) => void): Promise<{ stop(): void }> {
  const connection = await connect(access);
  let stopped = false;
  const timer = setInterval(() => {
    void waitsFor(connection, access.user, seconds).then((waiting) => {
      if (!waiting || stopped) return;
      stop();
      tell(new Fault("DUMP_WAITS", { params: { seconds } }));
    }, () => stop());
  }, LOOK_MS);
  timer.unref();
  const stop = (): void => {
    stopped = true;
    clearInterval(timer);
    connection.destroy();
  };
  return { stop };
}

async function waitsFor(connection: Connection, user: string, seconds: number): Promise<boolean> {
  const [rows] = await connection.query<RowDataPacket[]>(
    "SELECT 1 FROM information_schema.PROCESSLIST WHERE USER = ? AND STATE = 'Waiting for table metadata lock' AND TIME >= ? AND INFO REGEXP '^(SELECT|SHOW)' AND ID <> CONNECTION_ID() LIMIT 1",
    [user, seconds],
  );
  return rows.length > 0;
}
