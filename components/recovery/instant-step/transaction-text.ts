import type { FoundTransaction } from "#lib/contract/archive/transaction-search.ts";

/** Rows of a table that a transaction touched. */
export interface TouchedTable {
  readonly name: string;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/** What a transaction did, as the search and the plan tell it. */
export type Touching = Pick<FoundTransaction, "statements" | "tables" | "tablesLeftOut">;

/** What a transaction did, most telling first: statements as the log has them, then tables by rows. No row data. */
export function headlineOf({ statements, tables }: Pick<Touching, "statements" | "tables">): { readonly statement: string | null; readonly tables: readonly TouchedTable[] } {
  const [first] = statements;
  const named = first?.tables.map(({ schema, table }) => `${schema}.${table}`).join(", ");
  const rows = ({ inserted, updated, deleted }: TouchedTable): number => inserted + updated + deleted;
  return {
    statement: first ? (first.text ?? `${first.kind.toUpperCase()} ${named ?? ""}`.trim()) : null,
    tables: tables.map(({ schema, table, ...counts }) => ({ name: `${schema}.${table}`, ...counts })).sort((one, other) => rows(other) - rows(one)),
  };
}

/** Up to where to replay when one transaction is left out, microseconds: the last instant known, and never short of the transaction itself, which the search may know of before the page does. */
export function replayUntil(latest: string, committedAt: string): string {
  return BigInt(committedAt) > BigInt(latest) ? committedAt : latest;
}

/** May a transaction of this name be left out of a replay? Only MySQL's GTIDs: `uuid:7`, `uuid:tag:7`. */
export function maySkip(gtid: string | null): gtid is string {
  return gtid !== null && /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}:/i.test(gtid);
}
