import { textRows } from "#worker/engines/inventory/information-schema.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";

/** A donor that does not answer by then has nothing that could be ended, ms. */
const PATIENCE_MS = 3000;

/**
 * Ends what a donor keeps of a clone whose recipient is gone: it may take that for a lost network, wait for minutes for it to come back, and hand its files to nobody
 * meanwhile. They are sessions of the donor's own account, which may end them, whose client said to be the process `recipientPid`. Gives how many there were; never throws.
 */
export async function endLeftClone(donor: ServerAccess, recipientPid: number): Promise<number> {
  const connection = await connect(donor, { timeoutMs: PATIENCE_MS }).catch(() => undefined);
  if (!connection) return 0;
  try {
    const left = await textRows(
      connection,
      `SELECT PROCESSLIST_ID FROM performance_schema.session_account_connect_attrs WHERE ATTR_NAME = '_pid' AND ATTR_VALUE = '${recipientPid}'
       AND PROCESSLIST_ID IN (SELECT ID FROM information_schema.PROCESSLIST WHERE LOWER(COMMAND) = 'clone')`,
    );
    // One that ends by itself meanwhile is no longer there to be killed.
    for (const [id] of left) await connection.query(`KILL ${Number(id)}`).catch(() => undefined);
    return left.length;
  } catch {
    return 0;
  } finally {
    connection.destroy();
  }
}
