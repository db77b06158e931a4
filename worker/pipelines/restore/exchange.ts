import type { Connection, RowDataPacket } from "mysql2/promise";
import type { SchemaEntry } from "#lib/contract/manifest/manifest.ts";
import { quoteName, quotePath } from "#lib/domain/backup/sql-name.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import { withinSeconds } from "./swap/within-seconds.ts";

/** Tables of one schema that change places: what stands in `live` goes to `kept`, what stands in `staging` becomes live. */
export interface Exchange {
  readonly live: string;
  readonly staging: string;
  readonly kept: string;
  /** Restored tables and sequences. */
  readonly incoming: readonly string[];
  /** Tables and sequences that are live now and give way. */
  readonly outgoing: readonly string[];
}

/**
 * One RENAME TABLE for all schemas: on the server it happens at once or not at all, so that no program ever sees half of it.
 * Triggers must be gone (error 1435: a trigger cannot change its schema).
 */
export async function exchangeTables(connection: Connection, exchanges: readonly Exchange[]): Promise<void> {
  const moves = exchanges.flatMap(({ live, staging, kept, incoming, outgoing }) => [
    ...outgoing.map((table) => `${quotePath(live, table)} TO ${quotePath(kept, table)}`),
    ...incoming.map((table) => `${quotePath(staging, table)} TO ${quotePath(live, table)}`),
  ]);
  await rename(connection, moves);
}

/** So long programs may hold the tables that give way before anything is changed, seconds: all that wants to use them waits behind us meanwhile. */
const LOCK_SECONDS = 10;
/** And one table afterwards, seconds: to go back costs more than to wait then. */
const LATE_LOCK_SECONDS = 60;

/**
 * What `work` does to the tables that give way, begun when nobody holds one of them, and given up where somebody does for too long. Else an open transaction that nobody looks at would keep the
 * exchange waiting, for a year by default, and behind it every program that touches the tables. Fault IN_PLACE_BLOCKED. `begun` is called when nobody holds them: before that, nothing was changed.
 */
export async function whileUnheld(connection: Connection, access: ServerAccess, exchanges: readonly Exchange[], work: () => Promise<void>, begun: () => void, seconds = LOCK_SECONDS): Promise<void> {
  const tables = exchanges.flatMap(({ live, outgoing }) => outgoing.map((table) => [live, table] as const));
  const fault = "IN_PLACE_BLOCKED";
  await connection.query(`SET SESSION lock_wait_timeout = ${seconds}`);
  if (tables.length > 0) await withinSeconds(connection, access, { seconds, tables, fault }, () => takeHold(connection, tables));
  await connection.query(`SET SESSION lock_wait_timeout = ${LATE_LOCK_SECONDS}`);
  begun();
  try {
    await withinSeconds(connection, access, { seconds: LATE_LOCK_SECONDS, tables, fault, each: true }, work);
  } finally {
    // What comes now, and the way back, takes its time. A connection that is lost says so in its next statement.
    await connection.query("SET SESSION lock_wait_timeout = DEFAULT").catch(() => undefined);
  }
}

/** Only to see that it can be had. Where that may not be tried (no LOCK TABLES, a trigger that names what is gone), the work itself waits no longer either. */
async function takeHold(connection: Connection, tables: readonly (readonly [schema: string, table: string])[]): Promise<void> {
  try {
    await connection.query(`LOCK TABLES ${tables.map(([schema, table]) => `${quotePath(schema, table)} WRITE`).join(", ")}`);
  } catch (error) {
    if (HELD.has((error as { errno?: number }).errno ?? 0)) throw error;
  } finally {
    await connection.query("UNLOCK TABLES").catch(() => undefined);
  }
}

/** Lock wait timeout, query interrupted. */
const HELD: ReadonlySet<number> = new Set([1205, 1317]);

/** The exact inverse: the kept tables are live again, the restored ones back in staging. */
export async function exchangeBack(connection: Connection, exchanges: readonly Exchange[]): Promise<void> {
  const moves = exchanges.flatMap(({ live, staging, kept, incoming, outgoing }) => [
    ...incoming.map((table) => `${quotePath(live, table)} TO ${quotePath(staging, table)}`),
    ...outgoing.map((table) => `${quotePath(kept, table)} TO ${quotePath(live, table)}`),
  ]);
  await rename(connection, moves);
}

async function rename(connection: Connection, moves: readonly string[]): Promise<void> {
  if (moves.length === 0) return;
  await connection.query("SET SESSION foreign_key_checks = 0");
  await connection.query(`RENAME TABLE ${moves.join(", ")}`);
}

/** Drops views, routines, triggers and events of a schema: all of it stands in the safety copy. Sequences and tables stay. */
export async function dropPrograms(connection: Connection, schema: Pick<SchemaEntry, "name" | "views" | "procedures" | "functions" | "triggers" | "events">): Promise<void> {
  const drop = async (kind: string, list: readonly { name: string }[]): Promise<void> => {
    for (const { name } of list) await connection.query(`DROP ${kind} IF EXISTS ${quotePath(schema.name, name)}`);
  };
  await drop("EVENT", schema.events);
  await drop("TRIGGER", schema.triggers);
  await drop("VIEW", schema.views);
  await drop("PROCEDURE", schema.procedures);
  await drop("FUNCTION", schema.functions);
}

/** A trigger's text with the session settings it was made under. */
export interface SavedTrigger {
  readonly schema: string;
  readonly name: string;
  readonly sqlMode: string;
  readonly statement: string;
  readonly characterSet: string;
  readonly collation: string;
}

/** Triggers on the given tables, in the order in which they fire. */
export async function saveTriggers(connection: Connection, schema: string, tables: readonly string[]): Promise<SavedTrigger[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    "SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ? AND EVENT_OBJECT_TABLE IN (?) ORDER BY EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER",
    [schema, tables],
  );
  const saved: SavedTrigger[] = [];
  for (const { name } of rows) {
    const [shown] = await connection.query<RowDataPacket[]>(`SHOW CREATE TRIGGER ${quotePath(schema, String(name))}`);
    const [row] = shown;
    if (!row) continue;
    saved.push({ schema, name: String(name), sqlMode: String(row.sql_mode), statement: String(row["SQL Original Statement"]), characterSet: String(row.character_set_client), collation: String(row.collation_connection) });
  }
  return saved;
}

export async function dropTriggers(connection: Connection, triggers: readonly SavedTrigger[]): Promise<void> {
  for (const { schema, name } of triggers) await connection.query(`DROP TRIGGER IF EXISTS ${quotePath(schema, name)}`);
}

export async function recreateTriggers(connection: Connection, triggers: readonly SavedTrigger[]): Promise<void> {
  for (const { schema, sqlMode, statement, characterSet, collation } of triggers) {
    await connection.query(`USE ${quoteName(schema)}`);
    await connection.query("SET SESSION sql_mode = ?", [sqlMode]);
    // The text travels as utf8mb4; the settings that the trigger remembers are those of its maker.
    await connection.query(`SET SESSION character_set_client = utf8mb4, collation_connection = ${/^\w+$/.test(collation) ? collation : "utf8mb4_general_ci"}`);
    if (characterSet !== "utf8mb4" && /^\w+$/.test(characterSet) && /^[\x20-\x7e\s]*$/.test(statement)) await connection.query(`SET SESSION character_set_client = ${characterSet}`);
    await connection.query(statement);
  }
}
