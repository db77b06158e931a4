import { compareInstants } from "./recovery-window.ts";
import { holds, inTime, matchTransaction, type SearchedTransaction, type TransactionFilter } from "./search-transactions.ts";
import { originOf } from "./transaction-block.ts";

/** Where the server's clock went back: committed at `from`, and next in the log at `to`, which is earlier. Microseconds since 1970 as decimal text. */
export interface ClockStep {
  readonly from: string;
  readonly to: string;
  /** Position of the transaction that bears the earlier time. */
  readonly start: number;
}

/** What transactions did to a table together. `first`, `last`: commit times of the first and the last of them in the log, microseconds since 1970 as decimal text. */
export interface TableChange {
  schema: string;
  table: string;
  transactions: number;
  inserted: number;
  updated: number;
  deleted: number;
  first: string;
  last: string;
}

/** Also the most that one of them did. */
export interface TableSum extends TableChange {
  mostInserted: number;
  mostUpdated: number;
  mostDeleted: number;
}

/** Statements of a kind about a table; about none: both names empty. */
export interface StatementSum {
  kind: string;
  schema: string;
  table: string;
  count: number;
  first: string;
  last: string;
}

/** What can be said of transactions that follow each other without looking at each. */
export interface BlockSummary {
  transactions: number;
  /** Positions: of the first, and behind the last. */
  start: number;
  end: number;
  /** Commit times: of the first and the last in the log, and the extremes. */
  first: string;
  last: string;
  earliest: string;
  latest: string;
  /** The first twenty. */
  stepsBack: ClockStep[];
  tables: TableSum[];
  statements: StatementSum[];
  users: string[];
  /** Origins of GTIDs with the lowest and the highest number. */
  gtids: { origin: string; lowest: string; highest: string }[];
  uncounted: number;
  statementsLeftOut: number;
}

type Summed = SearchedTransaction & { readonly start: number; readonly end: number };

const MOST_STEPS = 20;

/** Sums up transactions as they come, in the order of the log. At least one has to come. */
export class SummaryBuilder {
  readonly #summary: BlockSummary;
  readonly #tables = new Map<string, TableSum>();
  readonly #statements = new Map<string, StatementSum>();
  readonly #users = new Set<string>();
  #last: TableSum | undefined;
  readonly #gtids = new Map<string, { lowest: bigint; highest: bigint }>();

  /** `before`: commit time of the transaction before the first, if there is one. */
  constructor(before: string | null, { start, committedAt: at }: Summed) {
    this.#summary = { transactions: 0, start, end: start, first: at, last: before ?? at, earliest: at, latest: at, stepsBack: [], tables: [], statements: [], users: [], gtids: [], uncounted: 0, statementsLeftOut: 0 };
  }

  add(transaction: Summed): void {
    const summary = this.#summary;
    const { committedAt: at, start, end, user } = transaction;
    if (compareInstants(at, summary.last) < 0 && summary.stepsBack.length < MOST_STEPS) summary.stepsBack.push({ from: summary.last, to: at, start });
    if (compareInstants(at, summary.earliest) < 0) summary.earliest = at;
    if (compareInstants(at, summary.latest) > 0) summary.latest = at;
    summary.transactions += 1;
    summary.end = end;
    summary.last = at;
    summary.uncounted += transaction.uncountedRowEvents;
    summary.statementsLeftOut += transaction.statementsLeftOut;
    if (user !== null) this.#users.add(user);
    for (const table of transaction.tables) this.#table(table, at);
    for (const { kind, tables } of transaction.statements) for (const named of tables.length > 0 ? tables : [{ schema: "", table: "" }]) this.#statement(kind, named, at);
    this.#gtid(transaction.gtid);
  }

  summary(): BlockSummary {
    const gtids = [...this.#gtids].map(([origin, { lowest, highest }]) => ({ origin, lowest: String(lowest), highest: String(highest) }));
    return { ...this.#summary, tables: [...this.#tables.values()], statements: [...this.#statements.values()], users: [...this.#users], gtids };
  }

  #table({ schema, table, inserted, updated, deleted }: SearchedTransaction["tables"][number], at: string): void {
    // Most transactions change the table that the one before changed.
    let sum = this.#last?.schema === schema && this.#last.table === table ? this.#last : this.#tables.get(`${schema}\0${table}`);
    if (!sum) {
      sum = { schema, table, transactions: 0, inserted: 0, updated: 0, deleted: 0, mostInserted: 0, mostUpdated: 0, mostDeleted: 0, first: at, last: at };
      this.#tables.set(`${schema}\0${table}`, sum);
    }
    this.#last = sum;
    sum.transactions += 1;
    sum.inserted += inserted;
    sum.updated += updated;
    sum.deleted += deleted;
    sum.mostInserted = Math.max(sum.mostInserted, inserted);
    sum.mostUpdated = Math.max(sum.mostUpdated, updated);
    sum.mostDeleted = Math.max(sum.mostDeleted, deleted);
    sum.last = at;
  }

  #statement(kind: string, { schema, table }: { readonly schema: string; readonly table: string }, at: string): void {
    const key = `${kind}\0${schema}\0${table}`;
    const sum = this.#statements.get(key);
    if (!sum) this.#statements.set(key, { kind, schema, table, count: 1, first: at, last: at });
    else {
      sum.count += 1;
      sum.last = at;
    }
  }

  #gtid(gtid: string | null): void {
    const { origin, number } = originOf(gtid);
    if (origin === null) return;
    const known = this.#gtids.get(origin);
    if (!known) this.#gtids.set(origin, { lowest: number, highest: number });
    else if (number < known.lowest) known.lowest = number;
    else if (number > known.highest) known.highest = number;
  }
}

/** Could one of them fit? Never no where one does. */
export function mayMatch(summary: BlockSummary, filter: TransactionFilter): boolean {
  if (!inTime(summary.earliest, summary.latest, filter)) return false;
  const { user, text } = filter;
  if (user !== undefined && !summary.users.some((one) => holds(one, user))) return false;
  if (text !== undefined && !mayHoldText(summary, text)) return false;
  return matchTransaction(together(summary), { ...filter, from: undefined, to: undefined, user: undefined, text: undefined }) !== null;
}

/** Could a GTID be among them? */
export function mayHoldGtid({ gtids }: Pick<BlockSummary, "gtids">, gtid: string): boolean {
  const { origin: wanted, number } = originOf(gtid);
  return gtids.some(({ origin, lowest, highest }) => origin === wanted && BigInt(lowest) <= number && number <= BigInt(highest));
}

/** One transaction that did the most that any of them did: whatever fits one of them fits it. */
function together({ earliest, tables, statements, uncounted, statementsLeftOut }: BlockSummary): SearchedTransaction {
  return {
    gtid: null,
    committedAt: earliest,
    user: null,
    tables: tables.map(({ schema, table, mostInserted, mostUpdated, mostDeleted }) => ({ schema, table, inserted: mostInserted, updated: mostUpdated, deleted: mostDeleted })),
    uncountedRowEvents: uncounted,
    statements: statements.map(({ kind, schema, table }) => ({ kind, text: null, tables: table === "" ? [] : [{ schema, table }] })),
    statementsLeftOut,
  };
}

/** Texts of statements are not kept here: any statement may hold it. Of a GTID the number may. */
function mayHoldText({ tables, statements, gtids }: BlockSummary, text: string): boolean {
  if (statements.length > 0 || tables.some(({ schema, table }) => holds(`${schema}.${table}`, text))) return true;
  const [, lead = ""] = /^(.*?)\d*$/s.exec(text) ?? [];
  return gtids.some(({ origin }) => holds(origin, text) || origin.toLowerCase().endsWith(lead.toLowerCase()));
}
