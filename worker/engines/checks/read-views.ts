import type { Connection } from "mysql2/promise";
import type { Inventory } from "#lib/contract/manifest/manifest.ts";
import type { Difference } from "#lib/contract/manifest/verification.ts";
import { quotePath } from "#lib/domain/backup/sql-name.ts";
import { type CheckOutcome, isConnectionLoss, messageOf } from "./check-outcome.ts";

/** Opens every view that the source could read, by selecting no row of it. */
export async function readViews(connection: Connection, inventory: Inventory): Promise<CheckOutcome> {
  const differences: Difference[] = [];
  const views = inventory.schemas.flatMap((schema) => schema.views.filter((view) => view.broken === undefined && view.unreadable === undefined).map((view) => ({ schema: schema.name, name: view.name })));
  for (const { schema, name } of views) {
    try {
      await connection.query(`SELECT * FROM ${quotePath(schema, name)} LIMIT 0`);
    } catch (error) {
      if (isConnectionLoss(error)) throw error;
      differences.push({ kind: "view-unreadable", object: `${schema}.${name}`, expected: "readable", found: messageOf(error) });
    }
  }
  return { checked: views.length, differences };
}
