import type { ArchivedTransaction } from "#lib/contract/archive/transaction.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { ArchivedSegment } from "./archived-segments.ts";
import { openSegmentIndex } from "./open-segment-index.ts";

interface TransactionReading {
  /** For opened files; each is removed after it was read. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** All transactions of one archived file, out of its list. */
export async function transactionsOf(host: HostRuntime, segment: ArchivedSegment, { folder, signal }: TransactionReading): Promise<ArchivedTransaction[]> {
  const { index } = await openSegmentIndex(host, segment, folder, signal);
  try {
    const transactions: ArchivedTransaction[] = [];
    for (const block of index.blocks) for (const transaction of await block.transactions()) transactions.push(transaction);
    return transactions;
  } finally {
    await index.close();
  }
}

/** What a transaction did, for people: statements as far as the log tells them, rows by table. No row data. */
export function changesText({ tables, statements }: Pick<ArchivedTransaction, "tables" | "statements">): string {
  const changed = tables.map(({ schema, table, inserted, updated, deleted }) => `${schema}.${table}: ${[[inserted, "inserted"], [updated, "updated"], [deleted, "deleted"]].filter(([rows]) => rows !== 0).map(([rows, word]) => `${rows} ${word}`).join(", ")}`);
  const said = statements.map(({ kind, text, tables: named }) => text?.slice(0, 200) ?? `${kind} ${named.map(({ schema, table }) => `${schema}.${table}`).join(", ")}`);
  return [...said, ...changed].join("; ").slice(0, 500);
}
