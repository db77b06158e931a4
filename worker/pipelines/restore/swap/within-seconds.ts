import type { Connection } from "mysql2/promise";
import { Fault } from "#lib/domain/fault/fault.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import { readHolders } from "./swap-holders.ts";

type Tables = readonly (readonly [schema: string, table: string])[];

interface Patience {
  readonly seconds: number;
  /** What is waited for: whoever holds them is named. */
  readonly tables: Tables;
  readonly fault: "SWAP_BLOCKED" | "IN_PLACE_BLOCKED";
  /** Each lock may take so long (lock_wait_timeout of the session), all of it longer. Else all of it is ended. */
  readonly each?: boolean;
}

/** lock_wait_timeout counts for each lock anew: another connection ends the statement when all of it took too long. The fault names who held the tables. */
export async function withinSeconds(connection: Connection, access: ServerAccess, { seconds, tables, fault, each = false }: Patience, work: () => Promise<void>): Promise<void> {
  let late = false;
  const end = (): void => {
    late = true;
    void killQuery(access, connection.threadId).catch(() => undefined);
  };
  const timer = each ? undefined : setTimeout(end, seconds * 1000 + 500);
  try {
    await work();
  } catch (error) {
    const { errno } = error as { errno?: number };
    if (errno !== LOCK_WAIT_TIMEOUT && !(late && errno === QUERY_INTERRUPTED)) throw error;
    const holders = await holdersNow(access, tables);
    throw new Fault(fault, { params: { seconds, account: holders.map(({ id, account, seconds: since }) => `${id} (${account}, ${since} s)`).join(", ") || "—" }, cause: error });
  } finally {
    clearTimeout(timer);
  }
}

const LOCK_WAIT_TIMEOUT = 1205;
const QUERY_INTERRUPTED = 1317;

async function killQuery(access: ServerAccess, id: number | null): Promise<void> {
  if (id === null) return;
  const connection = await connect(access);
  try {
    await connection.query(`KILL QUERY ${id}`);
  } finally {
    connection.destroy();
  }
}

async function holdersNow(access: ServerAccess, tables: Tables): ReturnType<typeof readHolders> {
  const connection = await connect(access);
  try {
    return await readHolders(connection, tables);
  } catch {
    return [];
  } finally {
    connection.destroy();
  }
}
