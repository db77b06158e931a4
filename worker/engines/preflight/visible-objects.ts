import type { Connection } from "mysql2/promise";
import { textRows } from "../inventory/information-schema.ts";
import { userSchemas } from "../inventory/user-schemas.ts";
import { type Finding, finding } from "./finding.ts";

/** Kind of object → information schema table and the column that names the schema. */
const KINDS = {
  "tables and views": ["TABLES", "TABLE_SCHEMA"],
  routines: ["ROUTINES", "ROUTINE_SCHEMA"],
  triggers: ["TRIGGERS", "TRIGGER_SCHEMA"],
  events: ["EVENTS", "EVENT_SCHEMA"],
} as const;

/** Where the backup account counts fewer objects than an account that sees everything. */
export async function hiddenFrom(backup: Connection, reference: Connection, schemas: readonly string[] | null): Promise<Finding[]> {
  const wanted = (await userSchemas(reference, schemas)).map(({ name }) => name);
  const findings: Finding[] = [];
  for (const [kind, [table, column]] of Object.entries(KINDS)) {
    const [all, seen] = [await counts(reference, table, column), await counts(backup, table, column)];
    for (const schema of wanted) {
      const [there, visible] = [all.get(schema) ?? 0, seen.get(schema) ?? 0];
      if (visible < there) findings.push(finding("error", "SERVER_OBJECTS_HIDDEN", { kind, schema }, `${visible} of ${there} visible`));
    }
  }
  return findings;
}

async function counts(connection: Connection, table: string, column: string): Promise<Map<string, number>> {
  const rows = await textRows(connection, `SELECT ${column}, COUNT(*) FROM information_schema.${table} GROUP BY ${column}`);
  return new Map(rows.map(([schema, count]) => [schema ?? "", Number(count)]));
}
