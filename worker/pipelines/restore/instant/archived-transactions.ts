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

type Changes = Pick<ArchivedTransaction, "tables" | "statements" | "statementsLeftOut">;

/** How much of a transaction is told where the answer must stay small. */
interface Telling {
  readonly tables: number;
  readonly statements: number;
  /** Of each statement's text. */
  readonly characters: number;
}

/** The most changed tables and the first statements of a transaction, and how many more there are. */
export function mostTelling({ tables, statements, statementsLeftOut }: Changes, most: Telling): Changes & { readonly tablesLeftOut: number } {
  const rows = ({ inserted, updated, deleted }: ArchivedTransaction["tables"][number]): number => inserted + updated + deleted;
  const told = statements.slice(0, most.statements).map((statement) => ({ ...statement, tables: statement.tables.slice(0, most.tables), text: statement.text?.slice(0, most.characters) ?? null }));
  return {
    tables: tables.toSorted((one, other) => rows(other) - rows(one)).slice(0, most.tables),
    tablesLeftOut: Math.max(0, tables.length - most.tables),
    statements: told,
    statementsLeftOut: statementsLeftOut + statements.length - told.length,
  };
}

/** What a transaction did, in one line without words of any language: statements as far as the log tells them, rows inserted (+), updated (~), deleted (-) by table. No row data. */
export function changesText({ tables, statements }: Pick<Changes, "tables" | "statements">): string {
  const changed = tables.map(({ schema, table, inserted, updated, deleted }) => [`${schema}.${table}`, ...([[inserted, "+"], [updated, "~"], [deleted, "-"]] as const).filter(([rows]) => rows !== 0).map(([rows, sign]) => `${sign}${rows}`)].join(" "));
  const said = statements.map(({ kind, text, tables: named }) => text?.slice(0, 200) ?? `${kind} ${named.map(({ schema, table }) => `${schema}.${table}`).join(", ")}`);
  return [...said, ...changed].join("; ").slice(0, 500);
}
