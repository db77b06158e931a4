import type { Connection } from "mysql2/promise";
import type { Difference } from "#lib/contract/manifest/verification.ts";
import type { Inventory } from "#lib/contract/manifest/manifest.ts";
import { quotePath } from "#lib/domain/backup/sql-name.ts";
import { textRows } from "../inventory/information-schema.ts";
import type { CheckOutcome } from "./check-outcome.ts";

/** Engines that know CHECK TABLE. */
const CHECKABLE = new Set(["innodb", "myisam", "aria", "archive", "csv"]);
const TABLES_PER_STATEMENT = 50;

export interface CheckTablesOptions {
  /** Tables looked at page by page, as `table` or `schema.table`; the others get a quick check. */
  readonly critical: readonly string[];
  /** True: every table like a critical one. */
  readonly thorough?: boolean | undefined;
}

/** CHECK TABLE on every table of the inventory: EXTENDED for critical ones, QUICK for the others. */
export async function checkTables(connection: Connection, inventory: Inventory, options: CheckTablesOptions): Promise<CheckOutcome> {
  const tables = inventory.schemas.flatMap(({ name: schema, tables: list }) => list.map(({ name, engine }) => ({ schema, name, engine })));
  const checkable = tables.filter(({ engine }) => CHECKABLE.has(engine.toLowerCase()));
  const differences: Difference[] = [];
  for (const extended of [true, false]) {
    const chosen = checkable.filter(({ schema, name }) => extended === (options.thorough === true || isCritical(schema, name, options.critical)));
    for (let from = 0; from < chosen.length; from += TABLES_PER_STATEMENT) {
      const batch = chosen.slice(from, from + TABLES_PER_STATEMENT);
      const rows = await textRows(connection, `CHECK TABLE ${batch.map(({ schema, name }) => quotePath(schema, name)).join(", ")} ${extended ? "EXTENDED" : "QUICK"}`);
      for (const [object, , type, text] of rows) {
        if (type === "error" || type === "Error" || (type === "status" && !/^(OK|Table is already up to date)$/i.test(text ?? ""))) {
          differences.push({ kind: "check-table", object: object ?? "", expected: "OK", found: text ?? "" });
        }
      }
    }
  }
  return { checked: checkable.length, differences };
}

/** Is the table among those named by `table` or `schema.table`? */
export function isCritical(schema: string, table: string, critical: readonly string[]): boolean {
  return critical.includes(table) || critical.includes(`${schema}.${table}`);
}
