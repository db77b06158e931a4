import type { Connection } from "mysql2/promise";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";

const END_MS = 300;

/**
 * Ends connections; what locks and transactions they held goes with them. One that is busy or waits for a lock is killed on the server: a closed
 * socket alone is not noticed by a statement that waits or counts. An account may end its own connections. Never throws.
 */
export async function endConnections(access: ServerAccess, connections: readonly Connection[]): Promise<void> {
  const left = await Promise.all(connections.map(async (connection) => ((await ends(connection)) ? [] : [connection])));
  const busy = left.flat();
  if (busy.length === 0) return;
  const killer = await connect(access, { timeoutMs: 3000 }).catch(() => undefined);
  for (const connection of busy) {
    await killer?.query(`KILL ${connection.threadId}`).catch(() => undefined);
    connection.destroy();
  }
  killer?.destroy();
}

/** False when it does not end in good time. */
async function ends(connection: Connection): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), END_MS);
  });
  const ended = await Promise.race([connection.end().then(() => true, () => true), late]);
  clearTimeout(timer);
  return ended;
}
