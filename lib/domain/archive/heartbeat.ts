type Named = { readonly schema: string };

/** What tells a heartbeat from other transactions. */
export interface MarkedTransaction {
  readonly tables: readonly Named[];
  readonly statements: readonly { readonly kind: string; readonly tables: readonly Named[] }[];
}

/** Name of the schema that heartbeats are written to, unless worker.yaml says another. */
export const HEARTBEAT_SCHEMA = "salvagente_heartbeat";

/**
 * Is a transaction nothing but a heartbeat? Changes of rows in that schema and nowhere else; what changes its structure or drops it is somebody's deed.
 * `schema` null: none are written.
 */
export function isHeartbeat({ tables, statements }: MarkedTransaction, schema: string | null): boolean {
  // Most transactions are none, and say so with their first table.
  if (schema === null || (tables[0] && tables[0].schema !== schema)) return false;
  const touched = [...tables, ...statements.flatMap((statement) => statement.tables)];
  return touched.length > 0 && touched.every((one) => one.schema === schema) && statements.every(({ kind }) => kind === "insert" || kind === "delete");
}

/** A sum of what transactions did to tables, without heartbeats: whatever changed rows of their schema was one. */
export function withoutHeartbeats<S extends { readonly transactions: number; readonly tables: readonly (Named & { readonly transactions: number })[] }>(sum: S, schema: string | null): S {
  const beats = sum.tables.filter((table) => table.schema === schema);
  if (beats.length === 0) return sum;
  return { ...sum, transactions: sum.transactions - Math.max(...beats.map(({ transactions }) => transactions)), tables: sum.tables.filter((table) => table.schema !== schema) };
}
