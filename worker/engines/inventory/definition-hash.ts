import { createHash } from "node:crypto";
import { canonicalJson } from "#lib/contract/manifest/canonical.ts";

/** SHA-256 (hex) of a definition in its canonical form. */
export function definitionHash(definition: unknown): string {
  return createHash("sha256").update(canonicalJson(definition)).digest("hex");
}

/** Groups rows by a key, order kept. */
export function groupBy<T>(rows: readonly T[], key: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group) group.push(row);
    else groups.set(key(row), [row]);
  }
  return groups;
}

/** The row without the named columns. */
export function without(row: Readonly<Record<string, string>>, columns: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(row).filter(([column]) => !columns.includes(column)));
}
