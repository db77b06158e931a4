import type { Connection } from "mysql2/promise";
import { textRows } from "#worker/engines/inventory/information-schema.ts";

const PATIENCE_MS = 30_000;
const POLL_MS = 100;

export interface RunningClone {
  readonly connectionId: string;
  readonly destination: string;
}

/**
 * The clone that the server is making now, or null. One into a folder below `ownFolder` was begun by a process of this host that is gone (its owner
 * holds the lock on backups of this server otherwise): it is stopped, and is only given back when it does not end.
 */
export async function runningClone(connection: Connection, ownFolder: string | null): Promise<RunningClone | null> {
  for (const deadline = Date.now() + PATIENCE_MS; ; ) {
    const running = await inProgress(connection);
    if (ownFolder === null || !running?.destination.startsWith(`${ownFolder}/`) || Date.now() > deadline) return running;
    // Gone meanwhile: the next look finds nothing.
    await connection.query(`KILL QUERY ${Number(running.connectionId)}`).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function inProgress(connection: Connection): Promise<RunningClone | null> {
  // Where the plugin is missing, so is its table.
  const rows = await textRows(connection, "SELECT PID, DESTINATION FROM performance_schema.clone_status WHERE STATE = 'In Progress'").catch(() => []);
  const [row] = rows;
  return row ? { connectionId: row[0] ?? "0", destination: row[1] ?? "" } : null;
}
