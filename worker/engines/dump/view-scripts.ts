import { quoteName, quotePath } from "#lib/domain/backup/sql-name.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Catalog } from "#worker/engines/inventory/information-schema.ts";
import type { Script } from "./program-scripts.ts";
import { showCreate } from "./show-create.ts";
import { framed, sessionLine } from "./statement-frame.ts";

const CHECK_OPTION = / WITH (?:CASCADED|LOCAL) CHECK OPTION$/;

/** A view of each name with columns of the right names: views that use each other can then be made in any order. */
export async function* viewStubs(catalog: Catalog, schema: string, views: readonly string[]): Script {
  const columns = new Map<string, string[]>();
  const rows = await catalog.rows("COLUMNS", ["TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME", "ORDINAL_POSITION"], "TABLE_SCHEMA", [schema]);
  for (const row of [...rows].sort((a, b) => Number(a.ORDINAL_POSITION) - Number(b.ORDINAL_POSITION))) {
    const name = row.TABLE_NAME ?? "";
    columns.set(name, [...(columns.get(name) ?? []), row.COLUMN_NAME ?? ""]);
  }
  yield Buffer.from(sessionLine("", "utf8mb4", "utf8mb4_general_ci"));
  for (const view of views) {
    const list = (columns.get(view) ?? ["1"]).map((column) => `1 AS ${quoteName(column)}`).join(", ");
    yield framed(Buffer.from(`CREATE OR REPLACE VIEW ${quoteName(view)} AS SELECT ${list}`));
  }
}

/**
 * The views themselves. Those WITH CHECK OPTION come without it: over a stand-in the server refuses it (1368), and any order may meet one.
 * `checked` writes these again, with it, once all views are made.
 */
export async function* viewFinals(catalog: Catalog, schema: string, views: readonly string[]): Script {
  for (const view of views) yield* asReplaced(await definition(catalog, schema, view), (text) => text.replace(CHECK_OPTION, ""));
}

/** See viewFinals. */
export async function* checkedViews(catalog: Catalog, schema: string, views: readonly string[]): Script {
  for (const view of views) yield* asReplaced(await definition(catalog, schema, view), (text) => text);
}

/** Those of the views that have a check option. */
export async function viewsWithCheck(catalog: Catalog, schema: string, views: readonly string[]): Promise<string[]> {
  const rows = await catalog.rows("VIEWS", ["TABLE_SCHEMA", "TABLE_NAME"], "TABLE_SCHEMA", [schema], "CHECK_OPTION <> 'NONE'");
  const checked = new Set(rows.map((row) => row.TABLE_NAME));
  return views.filter((view) => checked.has(view));
}

/** The definition of a view that cannot be made again as it is, as comment lines: for whoever repairs it. */
export async function brokenViewComment(catalog: Catalog, schema: string, view: string, why: string): Promise<string> {
  const { text } = await definition(catalog, schema, view);
  return `-- broken view left out: ${JSON.stringify(view)}: ${JSON.stringify(why)}: ${JSON.stringify(text.toString("utf8"))}\n`;
}

interface ViewText {
  readonly text: Buffer;
  readonly characterSet: string;
  readonly collation: string;
}

async function definition({ connection }: Catalog, schema: string, view: string): Promise<ViewText> {
  // SHOW CREATE VIEW leaves out the name of the session's own schema.
  await connection.query(`USE ${quoteName(schema)}`);
  const row = await showCreate(connection, `VIEW ${quotePath(schema, view)}`);
  const text = row.get("Create View");
  if (!text) throw new Fault("DUMP_INCOMPLETE", { params: { missing: `${schema}.${view}` } });
  return { text, characterSet: row.get("character_set_client")?.toString() ?? "utf8mb4", collation: row.get("collation_connection")?.toString() ?? "utf8mb4_general_ci" };
}

async function* asReplaced(view: ViewText, change: (text: string) => string): Script {
  yield Buffer.from(sessionLine("", view.characterSet, view.collation));
  yield framed(Buffer.from(change(view.text.toString("latin1").replace(/^CREATE /, "CREATE OR REPLACE ")), "latin1"));
}
