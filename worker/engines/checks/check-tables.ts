import type { Connection } from "mysql2/promise";
import type { Difference } from "#lib/contract/manifest/verification.ts";
import type { Inventory } from "#lib/contract/manifest/manifest.ts";
import { quotePath } from "#lib/domain/backup/sql-name.ts";
import { textRows } from "../inventory/information-schema.ts";
import { onConnections } from "../inventory/on-connections.ts";
import type { CheckOutcome } from "./check-outcome.ts";

/** Engines that know CHECK TABLE. */
const CHECKABLE = new Set(["innodb", "myisam", "aria", "archive", "csv"]);
/** One statement checks so many, or so many bytes of them: a large table is a piece of work of its own. */
const TABLES_PER_STATEMENT = 50;
const BYTES_PER_STATEMENT = 64 * 1024 * 1024;

export interface CheckTablesOptions {
  /** Tables looked at page by page, as `table` or `schema.table`; the others get a quick check. */
  readonly critical: readonly string[];
  /** True: every table like a critical one. */
  readonly thorough?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * CHECK TABLE on every table of the inventory, each connection at work until all is done: EXTENDED for critical tables, QUICK for the others. Differences in the order of their tables' names.
 * Faults: CANCELLED.
 */
export async function checkTables(connections: readonly Connection[], inventory: Inventory, options: CheckTablesOptions): Promise<CheckOutcome> {
  const tables = inventory.schemas.flatMap(({ name: schema, tables: list }) => list.map(({ name, engine, dataBytes }) => ({ schema, name, engine, dataBytes })));
  const checkable = tables.filter(({ engine }) => CHECKABLE.has(engine.toLowerCase()));
  const differences: Difference[] = [];
  const tasks = [true, false].flatMap((extended) =>
    batches(checkable.filter(({ schema, name }) => extended === (options.thorough === true || isCritical(schema, name, options.critical)))).map((batch) => ({
      cost: batch.reduce((sum, { dataBytes }) => sum + dataBytes, 0),
      run: async (connection: Connection) => {
        const rows = await textRows(connection, `CHECK TABLE ${batch.map(({ schema, name }) => quotePath(schema, name)).join(", ")} ${extended ? "EXTENDED" : "QUICK"}`);
        for (const [object, , type, text] of rows) {
          if (type === "error" || type === "Error" || (type === "status" && !/^(OK|Table is already up to date)$/i.test(text ?? ""))) {
            differences.push({ kind: "check-table", object: object ?? "", expected: "OK", found: text ?? "" });
          }
        }
      },
    })),
  );
  await onConnections(connections, tasks, { signal: options.signal });
  return { checked: checkable.length, differences: differences.sort((a, b) => (a.object < b.object ? -1 : a.object > b.object ? 1 : 0)) };
}

function batches<T extends { readonly dataBytes: number }>(tables: readonly T[]): T[][] {
  const made: T[][] = [];
  let bytes = 0;
  for (const table of tables) {
    const last = made.at(-1);
    if (!last || last.length === TABLES_PER_STATEMENT || bytes + table.dataBytes > BYTES_PER_STATEMENT) {
      made.push([table]);
      bytes = table.dataBytes;
    } else {
      last.push(table);
      bytes += table.dataBytes;
    }
  }
  return made;
}

/** Is the table among those named by `table` or `schema.table`? */
export function isCritical(schema: string, table: string, critical: readonly string[]): boolean {
  return critical.includes(table) || critical.includes(`${schema}.${table}`);
}
