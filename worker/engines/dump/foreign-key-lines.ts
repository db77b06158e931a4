import { quoteName, quotePath } from "#lib/domain/backup/sql-name.ts";
import type { Catalog, CatalogRow } from "#worker/engines/inventory/information-schema.ts";

/** A line of a table's definition → the line as it must be. Lines hold one character for each byte. */
export type LineRepair = (table: string, line: string) => string;

interface ForeignKey {
  readonly name: string;
  readonly clause: string;
}

/**
 * MariaDB's SHOW CREATE TABLE does not double a backtick in a foreign key's name and columns, so that no dump of it loads: these lines are
 * built anew from the information schema. Everything else stays as it is.
 */
export async function foreignKeyRepair(catalog: Catalog, schema: string): Promise<LineRepair> {
  if (catalog.flavor !== "mariadb") return (_table, line) => line;
  const columns = ["TABLE_SCHEMA", "TABLE_NAME", "CONSTRAINT_NAME", "ORDINAL_POSITION", "COLUMN_NAME", "REFERENCED_TABLE_SCHEMA", "REFERENCED_TABLE_NAME", "REFERENCED_COLUMN_NAME"];
  const parts = await catalog.rows("KEY_COLUMN_USAGE", columns, "TABLE_SCHEMA", [schema], "REFERENCED_TABLE_NAME IS NOT NULL");
  const rules = await catalog.rows("REFERENTIAL_CONSTRAINTS", ["CONSTRAINT_SCHEMA", "TABLE_NAME", "CONSTRAINT_NAME", "UPDATE_RULE", "DELETE_RULE"], "CONSTRAINT_SCHEMA", [schema]);
  const byTable = new Map<string, ForeignKey[]>();
  for (const rule of rules) {
    const own = parts
      .filter((part) => part.TABLE_NAME === rule.TABLE_NAME && part.CONSTRAINT_NAME === rule.CONSTRAINT_NAME)
      .sort((a, b) => Number(a.ORDINAL_POSITION) - Number(b.ORDINAL_POSITION));
    const texts = [rule.CONSTRAINT_NAME, ...own.flatMap((part) => [part.COLUMN_NAME, part.REFERENCED_COLUMN_NAME])];
    if (!texts.some((text) => text?.includes("`"))) continue;
    const table = rule.TABLE_NAME ?? "";
    byTable.set(table, [...(byTable.get(table) ?? []), { name: rule.CONSTRAINT_NAME ?? "", clause: clauseOf(schema, rule, own) }]);
  }
  return (table, line) => repaired(byTable.get(table) ?? [], line);
}

/** For tests: see foreignKeyRepair. */
export function repaired(keys: readonly ForeignKey[], line: string): string {
  for (const { name, clause } of keys) {
    const starts = [name, name.replaceAll("`", "``")].map((text) => bytes(`  CONSTRAINT \`${text}\` FOREIGN KEY (`));
    if (starts.some((start) => line.startsWith(start))) return bytes(`  ${clause}`) + (line.endsWith(",") ? "," : "");
  }
  return line;
}

function clauseOf(schema: string, rule: CatalogRow, parts: readonly CatalogRow[]): string {
  const [first] = parts;
  const list = (column: string): string => parts.map((part) => quoteName(part[column] ?? "")).join(", ");
  const to = first?.REFERENCED_TABLE_SCHEMA === schema ? quoteName(first?.REFERENCED_TABLE_NAME ?? "") : quotePath(first?.REFERENCED_TABLE_SCHEMA ?? "", first?.REFERENCED_TABLE_NAME ?? "");
  const rules = (["DELETE", "UPDATE"] as const).map((kind) => (rule[`${kind}_RULE`] === "RESTRICT" ? "" : ` ON ${kind} ${rule[`${kind}_RULE`]}`)).join("");
  return `CONSTRAINT ${quoteName(rule.CONSTRAINT_NAME ?? "")} FOREIGN KEY (${list("COLUMN_NAME")}) REFERENCES ${to} (${list("REFERENCED_COLUMN_NAME")})${rules}`;
}

function bytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
