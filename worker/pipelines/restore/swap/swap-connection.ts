import type { Connection, RowDataPacket } from "mysql2/promise";

const PAUSE_MS = 200;
const PATIENCE_MS = 60_000;

/** Marks the connection of a swap on the server itself: as long as it lives there, the mark is held, whatever became of this process. */
export async function markConnection(connection: Connection, runId: string): Promise<void> {
  await connection.query("DO GET_LOCK(?, 0)", [markOf(runId)]);
}

/** A lost worker's connection may still wait for a lock, and would go on when it gets it: it is ended first. */
export async function endConnection(connection: Connection, runId: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const [rows] = await connection.query<RowDataPacket[]>("SELECT IS_USED_LOCK(?) AS id", [markOf(runId)]);
    const id = rows[0]?.id;
    if (id === null || id === undefined) return;
    if (Date.now() > deadline) throw new Error(`connection ${id} of the swap does not end`);
    await connection.query(`KILL ${Number(id)}`).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

function markOf(runId: string): string {
  return `salvagente-swap-${runId}`;
}
