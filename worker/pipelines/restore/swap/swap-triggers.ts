import type { Connection } from "mysql2/promise";
import type { Flavor } from "#lib/contract/names.ts";
import type { SavedTrigger } from "#lib/contract/recovery/swap.ts";
import { quoteName, quotePath } from "#lib/domain/backup/sql-name.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { withOwnTriggerHeaders } from "#lib/domain/recovery/references.ts";
import { oneTrigger, triggersOf } from "#worker/engines/dump/program-scripts.ts";
import { FRAME_MARK, framedStatements } from "#worker/engines/dump/statement-frame.ts";
import { openCatalog } from "#worker/engines/inventory/information-schema.ts";
import { sendBytes } from "#worker/engines/load/run-statements.ts";

/** The triggers of a schema on these tables, in the order in which they fire: a trigger cannot change its schema (error 1435), so each is dropped and made anew. */
export async function saveTriggers(connection: Connection, flavor: Flavor, schema: { readonly name: string; readonly collation: string }, tables: ReadonlySet<string>): Promise<SavedTrigger[]> {
  const catalog = await openCatalog(connection, flavor);
  const saved: SavedTrigger[] = [];
  for (const { name, table } of await triggersOf(catalog, schema.name)) {
    if (!tables.has(table)) continue;
    const pieces: Buffer[] = [];
    for await (const piece of oneTrigger(catalog, schema, name)) pieces.push(piece);
    const statements = framedStatements(`\n${FRAME_MARK}${Buffer.concat(pieces).toString("latin1")}`);
    if (!statements) throw new Fault("DUMP_INCOMPLETE", { params: { missing: `trigger ${schema.name}.${name}` } });
    saved.push({ schema: schema.name, name, table, statements });
  }
  return saved;
}

/** The same trigger on the table of the same name in another schema, which it follows. */
export function inSchema(trigger: SavedTrigger, schema: string): SavedTrigger {
  if (trigger.schema === schema) return trigger;
  const from = Buffer.from(trigger.schema, "utf8").toString("latin1");
  return { ...trigger, schema, statements: trigger.statements.map((statement) => (/^\s*CREATE\b/i.test(statement) ? withOwnTriggerHeaders(`${statement};`, from).slice(0, -1) : statement)) };
}

/** Was one of them made under another collation of its schema? Only ALTER DATABASE brings that back, and not while tables are locked. */
export function needsOtherCollation(triggers: readonly SavedTrigger[]): boolean {
  return triggers.some(({ statements }) => statements.some((statement) => statement.startsWith("ALTER DATABASE")));
}

export async function dropTriggers(connection: Connection, triggers: readonly Pick<SavedTrigger, "schema" | "name">[]): Promise<void> {
  for (const { schema, name } of triggers) await connection.query(`DROP TRIGGER IF EXISTS ${quotePath(schema, name)}`);
}

/** Makes them, byte for byte and each in the session that it was made in. The session is an ordinary one afterwards. */
export async function makeTriggers(connection: Connection, triggers: readonly SavedTrigger[]): Promise<void> {
  const { config } = (connection as unknown as { connection: { config: { charsetNumber: number } } }).connection;
  const { charsetNumber } = config;
  try {
    for (const { schema, statements } of triggers) {
      await sendBytes(connection, "SET NAMES utf8mb4");
      await sendBytes(connection, Buffer.from(`USE ${quoteName(schema)}`, "utf8").toString("latin1"));
      for (const statement of statements) await sendBytes(connection, statement);
    }
  } finally {
    config.charsetNumber = charsetNumber;
    await connection.query("SET SESSION sql_mode = DEFAULT, NAMES utf8mb4").catch(() => undefined);
  }
}
