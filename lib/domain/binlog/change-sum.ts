import { type BlockSummary, mayHoldGtid, type StatementSum, SummaryBuilder, type TableChange } from "./block-summary.ts";
import { compareInstants } from "./recovery-window.ts";
import type { SearchedTransaction } from "./search-transactions.ts";

/** What transactions did together. Steps of two-phase transactions count where they stand in the log. */
export interface ChangeSum {
  transactions: number;
  /** Extremes of the commit times; null without transactions. */
  earliest: string | null;
  latest: string | null;
  tables: TableChange[];
  statements: StatementSum[];
  /** Row events whose rows could not be counted, and statements of which nothing is known but that there were so many. */
  uncounted: number;
  statementsLeftOut: number;
}

/** Adds up summaries in the order of the log: however transactions are cut into blocks, the sum is the same. */
export class ChangeAdder {
  readonly #sum: ChangeSum = { transactions: 0, earliest: null, latest: null, tables: [], statements: [], uncounted: 0, statementsLeftOut: 0 };
  readonly #tables = new Map<string, TableChange>();
  readonly #statements = new Map<string, StatementSum>();

  add(summary: BlockSummary): void {
    const sum = this.#sum;
    sum.transactions += summary.transactions;
    if (sum.earliest === null || compareInstants(summary.earliest, sum.earliest) < 0) sum.earliest = summary.earliest;
    if (sum.latest === null || compareInstants(summary.latest, sum.latest) > 0) sum.latest = summary.latest;
    sum.uncounted += summary.uncounted;
    sum.statementsLeftOut += summary.statementsLeftOut;
    for (const { schema, table, transactions, inserted, updated, deleted, first, last } of summary.tables) {
      const known = entryOf(this.#tables, `${schema}\0${table}`, () => ({ schema, table, transactions: 0, inserted: 0, updated: 0, deleted: 0, first, last }));
      known.transactions += transactions;
      known.inserted += inserted;
      known.updated += updated;
      known.deleted += deleted;
      known.last = last;
    }
    for (const { kind, schema, table, count, first, last } of summary.statements) {
      const known = entryOf(this.#statements, `${kind}\0${schema}\0${table}`, () => ({ kind, schema, table, count: 0, first, last }));
      known.count += count;
      known.last = last;
    }
  }

  sum(): ChangeSum {
    return { ...this.#sum, tables: [...this.#tables.values()], statements: [...this.#statements.values()] };
  }
}

function entryOf<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}

type Placed = SearchedTransaction & { readonly start: number; readonly end: number };

/** Transactions that follow each other: their summary, and each of them when it is needed. */
export interface SummedBlock<T extends Placed> {
  readonly summary: BlockSummary;
  transactions(): Promise<readonly T[]>;
}

/** Where a file is cut, positions: what begins before `from` stands in the full already, what begins at `to` or behind it is left out, and so are skipped GTIDs. */
export interface FileCut {
  readonly from: number;
  readonly to: number;
  readonly skip: readonly string[];
}

/** Adds what the blocks of one file hold to what is kept and what is lost, all of it or, when a block cannot be opened, nothing. Opens only blocks that a border or a skipped GTID goes through. */
export async function addCut<T extends Placed>(blocks: readonly SummedBlock<T>[], cut: FileCut, into: { readonly kept: ChangeAdder; readonly lost: ChangeAdder }): Promise<void> {
  const skip = cut.skip.map((gtid) => gtid.trim().toLowerCase()).filter((gtid) => /[:-]\d+$/.test(gtid));
  const isKept = ({ start, gtid }: Placed): boolean => start < cut.to && !(gtid !== null && skip.includes(gtid.toLowerCase()));
  const kept: BlockSummary[] = [];
  const lost: BlockSummary[] = [];
  for (const { summary, transactions } of blocks) {
    const side = sideOf(summary, cut, skip);
    if (side === "kept") kept.push(summary);
    else if (side === "lost") lost.push(summary);
    else if (side === "both") {
      const own = (await transactions()).filter(({ start }) => start >= cut.from);
      kept.push(...summaryOf(own.filter(isKept)));
      lost.push(...summaryOf(own.filter((transaction) => !isKept(transaction))));
    }
  }
  for (const summary of kept) into.kept.add(summary);
  for (const summary of lost) into.lost.add(summary);
}

function sideOf(summary: BlockSummary, { from, to }: FileCut, skip: readonly string[]): "before" | "kept" | "lost" | "both" {
  if (summary.end <= from) return "before";
  if (summary.start < from) return "both";
  if (summary.start >= to) return "lost";
  return summary.end <= to && !skip.some((gtid) => mayHoldGtid(summary, gtid)) ? "kept" : "both";
}

/** None for no transactions. */
function summaryOf(transactions: readonly Placed[]): BlockSummary[] {
  const [first] = transactions;
  if (!first) return [];
  const builder = new SummaryBuilder(null, first);
  for (const transaction of transactions) builder.add(transaction);
  return [builder.summary()];
}

/** The most that a plan carries of a sum: tables with the most changed rows, statements that destroy first. `unread`: files of which nothing is known by table. */
export interface BoundedSum extends Omit<ChangeSum, "statementsLeftOut"> {
  otherTables: { count: number; inserted: number; updated: number; deleted: number };
  otherStatements: number;
  unread: { files: number; transactions: number };
}

const MOST_TABLES = 100;
const MOST_STATEMENTS = 50;
const GRAVITY = ["drop", "truncate", "incident", "delete", "update", "rename", "alter"];

/** A sum of bounded size: what it does not name, it counts. */
export function boundedSum(sum: ChangeSum, unread: BoundedSum["unread"]): BoundedSum {
  const { statementsLeftOut, ...rest } = sum;
  const rows = ({ inserted, updated, deleted }: TableChange): number => inserted + updated + deleted;
  const gravity = ({ kind }: StatementSum): number => (GRAVITY.includes(kind) ? GRAVITY.indexOf(kind) : GRAVITY.length);
  const tables = sum.tables.toSorted((one, other) => rows(other) - rows(one));
  const statements = sum.statements.toSorted((one, other) => gravity(one) - gravity(other) || compareInstants(other.last, one.last));
  const others = tables.slice(MOST_TABLES);
  const total = (pick: "inserted" | "updated" | "deleted"): number => others.reduce((all, one) => all + one[pick], 0);
  return {
    ...rest,
    tables: tables.slice(0, MOST_TABLES),
    statements: statements.slice(0, MOST_STATEMENTS),
    otherTables: { count: others.length, inserted: total("inserted"), updated: total("updated"), deleted: total("deleted") },
    otherStatements: statementsLeftOut + statements.slice(MOST_STATEMENTS).reduce((all, { count }) => all + count, 0),
    unread,
  };
}
