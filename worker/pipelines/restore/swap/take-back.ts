import type { Connection, RowDataPacket } from "mysql2/promise";
import type { SavedTrigger, SwapRecord } from "#lib/contract/recovery/swap.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { tableId } from "#lib/domain/recovery/swap-keys.ts";
import { standing } from "#lib/domain/recovery/swap-standing.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import { accessOf } from "#worker/host/access.ts";
import { withRunLock } from "#worker/host/run-lock.ts";
import { isOwnerAlive } from "#worker/host/run-owner.ts";
import { type HostRuntime, requireServer } from "#worker/host/runtime.ts";
import { restoreSubject } from "../run-records.ts";
import { endConnection } from "./swap-connection.ts";
import { dropEmptySchemas } from "./swap-schemas.ts";
import { readRecord, writeRecord } from "./swap-record.ts";
import { exchange } from "./swap-statements.ts";
import { dropTriggers, makeTriggers } from "./swap-triggers.ts";

/**
 * Ends a swap whose worker was lost, by where the tables stand: those that have changed places get the triggers that belong there, and it is done; else, or when it was going back already, all is put back.
 * Faults NOT_FOUND, SWAP_CLOSED when it is over, RUN_ALREADY_ACTIVE while it runs, SWAP_NOT_TAKEN_BACK.
 */
export async function recoverSwap(host: HostRuntime, runId: string): Promise<"swapped" | "taken-back"> {
  const { server } = readRecord(host.folders, runId).request;
  return withRunLock(host.folders.locks, restoreSubject(server), async () => {
    // Only now: somebody else may have ended it while the lock was theirs.
    const record = readRecord(host.folders, runId);
    if (isOwnerAlive(host.folders.journals, runId)) throw new Fault("RUN_ALREADY_ACTIVE", { params: { subject: restoreSubject(server) } });
    if (record.state !== "began") throw new Fault("SWAP_CLOSED", { params: { run: runId } });
    const access = await accessOf(requireServer(host.settings, server), host.identity, "restore");
    try {
      const state = await ended(access, record);
      writeRecord(host.folders, { ...record, state });
      const { undoes } = record.request;
      if (state === "swapped" && undoes !== undefined) writeRecord(host.folders, { ...readRecord(host.folders, undoes), state: "undone" });
      return state;
    } catch (error) {
      throw new Fault("SWAP_NOT_TAKEN_BACK", { params: { run: runId, message: error instanceof Error ? error.message : String(error) }, cause: error });
    }
  });
}

async function ended(access: ServerAccess, record: SwapRecord): Promise<"swapped" | "taken-back"> {
  const connection = await connect(access);
  try {
    await endConnection(connection, record.runId);
    if (!record.back && standing(record.moves, await tablesNow(connection)).where === "after") {
      await makeMissing(connection, record.after);
      return "swapped";
    }
  } finally {
    connection.destroy();
  }
  await takeBack(access, record, () => undefined);
  return "taken-back";
}

/** Everything as it stood before a swap: each table that was moved, the triggers, no schema of its own. May be done again when it was cut off. */
export async function takeBack(access: ServerAccess, record: SwapRecord, tell: (text: string) => void): Promise<void> {
  const connection = await connect(access);
  try {
    await endConnection(connection, record.runId);
    const { back, gone } = standing(record.moves, await tablesNow(connection));
    if (gone.length > 0) throw new Error(`these tables are in neither place: ${gone.slice(0, 10).join(", ")}`);
    if (back.length > 0) {
      const present = await triggersNow(connection, record);
      const drop = [...record.after, ...record.before].filter((trigger) => present.has(keyOf(trigger)));
      await exchange(connection, access, { way: record.way, lockWaitSeconds: record.request.lockWaitSeconds, moves: back, drop, make: record.before, before: [], tell });
    } else await makeMissing(connection, record.before);
    await dropEmptySchemas(connection, record.created);
  } finally {
    connection.destroy();
  }
}

async function tablesNow(connection: Connection): Promise<(schema: string, table: string) => boolean> {
  const [rows] = await connection.query<RowDataPacket[]>("SELECT TABLE_SCHEMA AS s, TABLE_NAME AS t FROM information_schema.TABLES");
  const present = new Set(rows.map((row) => tableId(String(row.s), String(row.t))));
  return (schema, table) => present.has(tableId(schema, table));
}

/** Those that are there stay: some may have been made before the worker was lost, in their order. */
async function makeMissing(connection: Connection, triggers: readonly SavedTrigger[]): Promise<void> {
  const present = await triggersOn(connection, [...new Set(triggers.map(({ schema }) => schema))]);
  // The order in which they fire is that of their making: of a table that lacks one, all are made anew.
  const lacking = new Set(triggers.filter((trigger) => !present.has(keyOf(trigger))).map(({ schema, table }) => tableId(schema, table)));
  const again = triggers.filter(({ schema, table }) => lacking.has(tableId(schema, table)));
  await dropTriggers(connection, again);
  await makeTriggers(connection, again);
}

function keyOf({ schema, name }: Pick<SavedTrigger, "schema" | "name">): string {
  return tableId(schema, name);
}

function triggersNow(connection: Connection, { moves }: SwapRecord): Promise<Set<string>> {
  return triggersOn(connection, moves.flatMap(({ live, restored, kept }) => [live, restored, kept]));
}

async function triggersOn(connection: Connection, schemas: readonly string[]): Promise<Set<string>> {
  if (schemas.length === 0) return new Set();
  const [rows] = await connection.query<RowDataPacket[]>("SELECT TRIGGER_SCHEMA AS s, TRIGGER_NAME AS t FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA IN (?)", [schemas]);
  return new Set(rows.map((row) => tableId(String(row.s), String(row.t))));
}
