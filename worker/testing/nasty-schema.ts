import type { Connection, RowDataPacket } from "mysql2/promise";
import type { Flavor } from "#lib/contract/names.ts";
import { ACCOUNT_TRAPS } from "./nasty/accounts.ts";
import { NAME_TRAPS } from "./nasty/names.ts";
import { PROGRAM_TRAPS } from "./nasty/programs.ts";
import { TABLE_TRAPS } from "./nasty/tables.ts";
import { id, MAIN, type NastyGroup, PORTABLE_GROUPS, SCHEMAS, type Trap } from "./nasty/trap.ts";
import { VALUE_TRAPS } from "./nasty/values.ts";

export { HARD_GROUPS, type NastyGroup, PORTABLE_GROUPS } from "./nasty/trap.ts";

export interface NastyOptions {
  readonly flavor: Flavor;
  /** Groups of traps. Default: those that a plain dump can carry (`PORTABLE_GROUPS`). */
  readonly include?: readonly NastyGroup[];
  /** Size of the one row of group `big`, in 2^20 bytes. Default 1; server and client need max_allowed_packet above twice that. */
  readonly blobMegabytes?: number;
}

/** What must be found on the server afterwards, and on every server that a backup of it is restored to. Sorted. */
export interface NastyInventory {
  readonly schemas: readonly string[];
  readonly tables: readonly { schema: string; name: string; rows: number }[];
  readonly views: readonly { schema: string; name: string }[];
  readonly routines: readonly { schema: string; name: string; type: "PROCEDURE" | "FUNCTION" }[];
  readonly triggers: readonly { schema: string; name: string }[];
  readonly events: readonly { schema: string; name: string }[];
  readonly accounts: readonly { user: string; host: string }[];
}

const TRAPS: readonly Trap[] = [...NAME_TRAPS, ...TABLE_TRAPS, ...VALUE_TRAPS, ...PROGRAM_TRAPS, ...ACCOUNT_TRAPS];

/** Session settings that a trap may change. */
const SESSION = ["sql_mode", "time_zone", "foreign_key_checks"] as const;

/**
 * The customer's nastiest schema. Needs an account that may do everything and a server that allows functions which are not
 * deterministic. Throws the server's error, with the trap's reason in front, if a statement fails.
 */
export async function createNasty(connection: Connection, options: NastyOptions): Promise<NastyInventory> {
  const traps = trapsOf(options);
  await connection.query("SET SESSION sql_log_bin = 0, foreign_key_checks = 1");
  if (traps.some((trap) => trap.group === "routines")) await connection.query("SET GLOBAL log_bin_trust_function_creators = 1");
  const schemas = schemasOf(traps);
  for (const schema of schemas) await connection.query(`CREATE DATABASE ${id(schema)} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`);
  for (const trap of traps) await setTrap(connection, trap, options.flavor);
  return inventoryOf(traps, schemas);
}

/** Removes everything that `createNasty` can make; what is not there is no error. */
export async function dropNasty(connection: Connection, flavor: Flavor): Promise<void> {
  await connection.query("SET SESSION sql_log_bin = 0, foreign_key_checks = 0");
  for (const schema of SCHEMAS) await connection.query(`DROP DATABASE IF EXISTS ${id(schema)}`);
  if (flavor === "mysql") await connection.query("DROP TABLESPACE nasty_ts").catch(() => {});
  for (const [user, host] of TRAPS.filter((trap) => !trap.only || trap.only === flavor).flatMap((trap) => trap.accounts ?? [])) {
    if (flavor === "mariadb" && host === "") await connection.query(`DROP ROLE IF EXISTS ${id(user)}`);
    else await connection.query("DROP USER IF EXISTS ?@?", [user, host]);
  }
  await connection.query("SET SESSION foreign_key_checks = 1");
}

function trapsOf(options: NastyOptions): Trap[] {
  const groups = new Set<NastyGroup>(options.include ?? PORTABLE_GROUPS);
  const megabytes = options.blobMegabytes ?? 1;
  const big: Trap = {
    group: "big", why: "one row larger than every buffer: twice its size as hex in one line of the dump",
    // Repeated digests: the row is made by the server, and no block of it repeats within gzip's window.
    sql: [`CREATE TABLE ${id(MAIN, "big_row")} (id INT PRIMARY KEY, b LONGBLOB)`, `INSERT INTO ${id(MAIN, "big_row")} VALUES (1, ${bigValue(megabytes)}), (2, '')`],
    tables: [[MAIN, "big_row", 2]],
  };
  return [...TRAPS, big].filter((trap) => groups.has(trap.group) && (!trap.only || trap.only === options.flavor));
}

/** Exactly `megabytes` × 2^20 bytes: a block of 64 KiB that looks random, repeated. */
function bigValue(megabytes: number): string {
  const block = `(WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 512) SELECT UNHEX(GROUP_CONCAT(SHA2(CONCAT('big', n), 512) ORDER BY n SEPARATOR '')) FROM s)`;
  return `REPEAT(${block}, ${megabytes * 32})`;
}

async function setTrap(connection: Connection, trap: Trap, flavor: Flavor): Promise<void> {
  await connection.query("SET SESSION group_concat_max_len = 1048576");
  for (const statement of trap.sql) {
    try {
      await connection.query(statement);
    } catch (error) {
      throw new Error(`trap «${trap.why}»: ${error instanceof Error ? error.message : String(error)}\n${statement.slice(0, 400)}`, { cause: error });
    }
  }
  for (const name of SESSION) await connection.query(`SET SESSION ${name} = DEFAULT`);
  if (flavor === "mysql") await connection.query("SET SESSION sql_generate_invisible_primary_key = OFF");
  await connection.query("SET NAMES utf8mb4");
}

function schemasOf(traps: readonly Trap[]): string[] {
  const used = new Set(traps.flatMap((trap) => [...(trap.tables ?? []), ...(trap.views ?? []), ...(trap.routines ?? []), ...(trap.events ?? [])].map(([schema]) => schema)));
  // Grants and bodies name the main schema even where a trap makes nothing in it.
  return SCHEMAS.filter((schema) => schema === MAIN || used.has(schema));
}

function inventoryOf(traps: readonly Trap[], schemas: readonly string[]): NastyInventory {
  const sorted = <T>(items: T[]) => items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return {
    schemas: sorted([...schemas]),
    tables: sorted(traps.flatMap((trap) => (trap.tables ?? []).map(([schema, name, rows]) => ({ schema, name, rows })))),
    views: sorted(traps.flatMap((trap) => (trap.views ?? []).map(([schema, name]) => ({ schema, name })))),
    routines: sorted(traps.flatMap((trap) => (trap.routines ?? []).map(([schema, name, type]) => ({ schema, name, type })))),
    triggers: sorted(traps.flatMap((trap) => (trap.triggers ?? []).map(([schema, name]) => ({ schema, name })))),
    events: sorted(traps.flatMap((trap) => (trap.events ?? []).map(([schema, name]) => ({ schema, name })))),
    accounts: sorted(traps.flatMap((trap) => (trap.accounts ?? []).map(([user, host]) => ({ user, host })))),
  };
}

/** The same inventory read from a server, for comparison with `createNasty`'s answer. Accounts: only those that belong to the traps. */
export async function readNasty(connection: Connection, expected: NastyInventory): Promise<NastyInventory> {
  const marks = expected.schemas.map(() => "BINARY ?").join(", ");
  const read = async (sql: string) => (await connection.query<RowDataPacket[]>(sql.replace("SCHEMAS", marks), [...expected.schemas]))[0];
  const sorted = <T>(items: T[]) => items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const tables: { schema: string; name: string; rows: number }[] = [];
  for (const row of await read("SELECT table_schema AS s, table_name AS n FROM information_schema.tables WHERE BINARY table_schema IN (SCHEMAS) AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')")) {
    const [counted] = await connection.query<RowDataPacket[]>(`SELECT COUNT(*) AS c FROM ${id(String(row.s), String(row.n))}`);
    tables.push({ schema: String(row.s), name: String(row.n), rows: Number(counted[0]?.c) });
  }
  const pairs = (rows: RowDataPacket[]) => rows.map((row) => ({ schema: String(row.s), name: String(row.n) }));
  const [users] = await connection.query<RowDataPacket[]>("SELECT user AS u, host AS h FROM mysql.user WHERE user LIKE 'nasty%' OR host = 'nasty.invalid'");
  return {
    schemas: sorted((await read("SELECT schema_name AS s FROM information_schema.schemata WHERE BINARY schema_name IN (SCHEMAS)")).map((row) => String(row.s))),
    tables: sorted(tables),
    views: sorted(pairs(await read("SELECT table_schema AS s, table_name AS n FROM information_schema.tables WHERE BINARY table_schema IN (SCHEMAS) AND table_type = 'VIEW'"))),
    routines: sorted((await read("SELECT routine_schema AS s, routine_name AS n, routine_type AS t FROM information_schema.routines WHERE BINARY routine_schema IN (SCHEMAS)"))
      .map((row) => ({ schema: String(row.s), name: String(row.n), type: row.t === "FUNCTION" ? ("FUNCTION" as const) : ("PROCEDURE" as const) }))),
    triggers: sorted(pairs(await read("SELECT trigger_schema AS s, trigger_name AS n FROM information_schema.triggers WHERE BINARY trigger_schema IN (SCHEMAS)"))),
    events: sorted(pairs(await read("SELECT event_schema AS s, event_name AS n FROM information_schema.events WHERE BINARY event_schema IN (SCHEMAS)"))),
    accounts: sorted(users.map((row) => ({ user: String(row.u), host: String(row.h) }))),
  };
}
