import type { Connection } from "mysql2/promise";
import type { MovedTables, SavedTrigger, SwapRecord } from "#lib/contract/recovery/swap.ts";
import { quotePath } from "#lib/domain/backup/sql-name.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import { withinSeconds } from "./within-seconds.ts";
import { dropTriggers, makeTriggers } from "./swap-triggers.ts";

type Move = readonly [fromSchema: string, toSchema: string, table: string];

interface Exchange {
  readonly way: SwapRecord["way"];
  readonly lockWaitSeconds: number;
  readonly moves: readonly Move[];
  /** Of the tables that move; none may have one while it does. */
  readonly drop: readonly Pick<SavedTrigger, "schema" | "name">[];
  readonly make: readonly SavedTrigger[];
  /** What stood before: while the tables are held, a failure puts it back at once. */
  readonly before: readonly SavedTrigger[];
  /** Awaited while the tables are held in their new places; not at all where they cannot be held. */
  readonly whileHeld?: () => Promise<void>;
  /** Told what is done now, for the journal. */
  readonly tell: (text: string) => void;
}

/**
 * Triggers away, every table to its place by ONE RENAME, triggers made again. `held`: all of it under LOCK TABLES, so that no program ever writes without triggers, and no
 * program is heard between; else only the RENAME is of one piece. Faults SWAP_BLOCKED when programs hold the tables for too long; errors of the server as they come:
 * what was done then stands, and is taken back by the caller.
 */
export async function exchange(connection: Connection, access: ServerAccess, { way, lockWaitSeconds, moves, drop, make, before, whileHeld, tell }: Exchange): Promise<void> {
  const tables = moves.map(([from, , table]) => [from, table] as const);
  const within = (work: () => Promise<void>): Promise<void> => withinSeconds(connection, access, { seconds: lockWaitSeconds, tables, fault: "SWAP_BLOCKED" }, work);
  const move = async (): Promise<void> => {
    await dropTriggers(connection, drop);
    await connection.query(renameStatement(moves));
  };
  await connection.query(`SET SESSION lock_wait_timeout = ${lockWaitSeconds}, foreign_key_checks = 0`);
  if (way === "brief") await within(move);
  else {
    await within(async () => void (await connection.query(`LOCK TABLES ${moves.map(([from, , table]) => `${quotePath(from, table)} WRITE`).join(", ")}`)));
    tell("tables are held");
    await move();
    await whileHeld?.();
  }
  tell("tables have changed places");
  try {
    await makeTriggers(connection, make);
  } catch (error) {
    if (way === "held") await backWhileHeld(connection, { moves, make, before });
    throw error;
  }
  if (way === "held") await connection.query("UNLOCK TABLES");
  tell("triggers are in place, programs go on");
}

/** No program has seen the tables yet: nobody's row is lost. What cannot be done here is done by the caller, on another connection. */
async function backWhileHeld(connection: Connection, { moves, make, before }: Pick<Exchange, "moves" | "make" | "before">): Promise<void> {
  try {
    await dropTriggers(connection, make);
    await connection.query(renameStatement(moves.toReversed().map(([from, to, table]) => [to, from, table])));
    await makeTriggers(connection, before);
  } catch {
    // The first error is the one to tell.
  }
}

export function renameStatement(moves: readonly Move[]): string {
  return `RENAME TABLE ${moves.map(([from, to, table]) => `${quotePath(from, table)} TO ${quotePath(to, table)}`).join(", ")}`;
}

/** The tables that move, out of their schemas and into them, as a person reads it. */
export function movesText(moves: readonly MovedTables[]): string {
  return moves.map(({ restored, live, kept, incoming, outgoing }) => `${restored} → ${live} (${incoming.length} tables) → ${kept} (${outgoing.length})`).join("; ");
}
