import { compareInstants } from "./recovery-window.ts";

/** What the search looks at; lines of the archive's transaction index say more. */
export interface SearchedTransaction {
  readonly committedAt: string;
  readonly tables: readonly { readonly schema: string; readonly table: string; readonly inserted: number; readonly updated: number; readonly deleted: number }[];
  readonly uncountedRowEvents: number;
  readonly statements: readonly { readonly kind: string; readonly tables: readonly { readonly schema: string; readonly table: string }[] }[];
  readonly statementsLeftOut: number;
}

/** `many-deleted`, `many-updated`: more rows of one table than asked for. `uncounted`: how many rows cannot be known from the log. */
export type Danger = "drop" | "truncate" | "many-deleted" | "many-updated" | "uncounted" | "incident";

export interface TransactionFilter {
  /** Microseconds since 1970, as decimal text; both included. */
  readonly from?: string;
  readonly to?: string;
  readonly schema?: string;
  readonly table?: string;
  /** Only transactions that may destroy; otherwise every transaction that fits the rest. */
  readonly dangerousOnly: boolean;
  /** More deleted or updated rows of one table than this are a danger. */
  readonly rowsOver: number;
}

export interface FoundTransaction<T extends SearchedTransaction> {
  readonly transaction: T;
  readonly dangers: readonly Danger[];
}

/** Goes through transactions in the order of the log and gives those that fit, with why they are dangerous. */
export async function* searchTransactions<T extends SearchedTransaction>(transactions: AsyncIterable<T> | Iterable<T>, filter: TransactionFilter): AsyncGenerator<FoundTransaction<T>> {
  for await (const transaction of transactions) {
    const { committedAt } = transaction;
    // Commit times may step back: a later one does not end the search.
    if (filter.from !== undefined && compareInstants(committedAt, filter.from) < 0) continue;
    if (filter.to !== undefined && compareInstants(committedAt, filter.to) > 0) continue;
    const dangers = dangersOf(transaction, filter);
    if (dangers.length > 0 || (!filter.dangerousOnly && touches(transaction, filter))) yield { transaction, dangers };
  }
}

function dangersOf(transaction: SearchedTransaction, filter: TransactionFilter): Danger[] {
  const dangers = new Set<Danger>();
  for (const { kind, tables } of transaction.statements) {
    if (kind === "incident") dangers.add("incident");
    else if ((kind === "delete" || kind === "update") && (tables.length === 0 || fits(tables, filter))) dangers.add("uncounted");
    else if ((kind === "drop" || kind === "truncate") && fits(tables, filter)) dangers.add(kind);
  }
  for (const changes of transaction.tables) {
    if (!fits([changes], filter)) continue;
    if (changes.deleted > filter.rowsOver) dangers.add("many-deleted");
    if (changes.updated > filter.rowsOver) dangers.add("many-updated");
    if (transaction.uncountedRowEvents > 0) dangers.add("uncounted");
  }
  if (transaction.statementsLeftOut > 0) dangers.add("uncounted");
  return [...dangers];
}

function touches({ tables, statements }: SearchedTransaction, filter: TransactionFilter): boolean {
  if (filter.schema === undefined && filter.table === undefined) return true;
  return fits(tables, filter) || statements.some((statement) => fits(statement.tables, filter));
}

/** A statement about a whole schema is about each of its tables; one that names none (a routine, an event) fits only a search without names. */
function fits(tables: readonly { readonly schema: string; readonly table: string }[], { schema, table }: TransactionFilter): boolean {
  if (schema === undefined && table === undefined) return true;
  return tables.some((one) => (schema === undefined || one.schema === schema) && (table === undefined || one.table === table || one.table === "*"));
}
