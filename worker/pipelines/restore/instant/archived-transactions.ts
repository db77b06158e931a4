import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { ArchivedTransaction } from "#lib/contract/archive/transaction.ts";
import { readSegment } from "#worker/engines/binlog/read-segment.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { ArchivedSegment } from "./archived-segments.ts";
import { fetchPlainSegment } from "./plain-segment.ts";

interface TransactionReading {
  /** For opened files; each is removed after it was read. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** All transactions of one archived file. */
export async function transactionsOf(host: HostRuntime, segment: ArchivedSegment, { folder, signal }: TransactionReading): Promise<ArchivedTransaction[]> {
  const path = join(folder, segment.index.file);
  const transactions: ArchivedTransaction[] = [];
  await fetchPlainSegment(host, segment, path, signal);
  await readSegment(path, { flavor: segment.index.flavor, signal, onTransaction: (transaction) => void transactions.push(transaction) });
  await rm(path, { force: true });
  return transactions;
}

/** What a transaction did, for people: statements as far as the log tells them, rows by table. No row data. */
export function changesText({ tables, statements }: Pick<ArchivedTransaction, "tables" | "statements">): string {
  const changed = tables.map(({ schema, table, inserted, updated, deleted }) => `${schema}.${table}: ${[[inserted, "inserted"], [updated, "updated"], [deleted, "deleted"]].filter(([rows]) => rows !== 0).map(([rows, word]) => `${rows} ${word}`).join(", ")}`);
  const said = statements.map(({ kind, text, tables: named }) => text?.slice(0, 200) ?? `${kind} ${named.map(({ schema, table }) => `${schema}.${table}`).join(", ")}`);
  return [...said, ...changed].join("; ").slice(0, 500);
}
