import { compareInstants } from "./recovery-window.ts";

type Named = { readonly schema: string; readonly table: string };

/** What the search looks at of a transaction. */
export interface SearchedTransaction {
  readonly gtid: string | null;
  readonly committedAt: string;
  readonly user: string | null;
  readonly tables: readonly (Named & { readonly inserted: number; readonly updated: number; readonly deleted: number })[];
  readonly uncountedRowEvents: number;
  readonly statements: readonly { readonly kind: string; readonly text: string | null; readonly tables: readonly Named[] }[];
  readonly statementsLeftOut: number;
}

/** `many-deleted`, `many-updated`: more rows of one table than asked for. `uncounted`: how many rows cannot be known from the log. */
export type Danger = "drop" | "truncate" | "many-deleted" | "many-updated" | "uncounted" | "incident";

export interface TransactionFilter {
  /** Microseconds since 1970, as decimal text; both included. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly schema?: string | undefined;
  readonly table?: string | undefined;
  /** Any of these: kinds of statements, or of changed rows. */
  readonly kinds?: readonly string[] | undefined;
  readonly user?: string | undefined;
  readonly text?: string | undefined;
  /** Only transactions that may destroy; otherwise every transaction that fits the rest. */
  readonly dangerousOnly: boolean;
  /** More deleted or updated rows of one table than this are a danger; and not only dangerous ones wanted: less changed is left out. */
  readonly rowsOver?: number | undefined;
}

/** Rows that are a danger where nobody says how many. */
export const MANY_ROWS = 1000;

/** Which kind a danger is of; `uncounted` is of those whose rows it hides. */
const KIND_OF: Readonly<Record<Danger, readonly string[]>> = { drop: ["drop"], truncate: ["truncate"], "many-deleted": ["delete"], "many-updated": ["update"], uncounted: ["delete", "update"], incident: ["incident"] };
const COUNT_OF = { insert: "inserted", update: "updated", delete: "deleted" } as const;

/** Does it fit, and why is it dangerous? Null: it does not fit. */
export function matchTransaction(transaction: SearchedTransaction, filter: TransactionFilter): readonly Danger[] | null {
  if (!inTime(transaction.committedAt, transaction.committedAt, filter)) return null;
  if (filter.user !== undefined && !holds(transaction.user, filter.user)) return null;
  if (filter.text !== undefined && !textFits(transaction, filter.text)) return null;
  const dangers = dangersOf(transaction, filter);
  if (filter.dangerousOnly) return dangers.length > 0 ? dangers : null;
  return touches(transaction, filter) && changes(transaction, filter) ? dangers : null;
}

/** Do commit times between these two, both included, meet what is looked for? */
export function inTime(earliest: string, latest: string, { from, to }: Pick<TransactionFilter, "from" | "to">): boolean {
  return (from === undefined || compareInstants(latest, from) >= 0) && (to === undefined || compareInstants(earliest, to) <= 0);
}

/** Is the part in it? Upper and lower case are one. */
export function holds(whole: string | null, part: string): boolean {
  return whole?.toLowerCase().includes(part.toLowerCase()) ?? false;
}

/** A statement about a whole schema is about each of its tables; one that names none (a routine, an event) fits only a search without names. */
export function fits(tables: readonly Named[], { schema, table }: Pick<TransactionFilter, "schema" | "table">): boolean {
  if (schema === undefined && table === undefined) return true;
  return tables.some((one) => (schema === undefined || one.schema === schema) && (table === undefined || one.table === table || one.table === "*"));
}

function textFits({ gtid, tables, statements }: SearchedTransaction, text: string): boolean {
  const named = [...tables, ...statements.flatMap((statement) => statement.tables)];
  return holds(gtid, text) || statements.some((statement) => holds(statement.text, text)) || named.some(({ schema, table }) => holds(`${schema}.${table}`, text));
}

function dangersOf(transaction: SearchedTransaction, filter: TransactionFilter): Danger[] {
  const { rowsOver = MANY_ROWS, kinds } = filter;
  const dangers = new Set<Danger>();
  for (const { kind, tables } of transaction.statements) {
    if (kind === "incident") dangers.add("incident");
    else if ((kind === "delete" || kind === "update") && (tables.length === 0 || fits(tables, filter))) dangers.add("uncounted");
    else if ((kind === "drop" || kind === "truncate") && fits(tables, filter)) dangers.add(kind);
  }
  for (const table of transaction.tables) {
    if (!fits([table], filter)) continue;
    if (table.deleted > rowsOver) dangers.add("many-deleted");
    if (table.updated > rowsOver) dangers.add("many-updated");
    if (transaction.uncountedRowEvents > 0) dangers.add("uncounted");
  }
  if (transaction.statementsLeftOut > 0) dangers.add("uncounted");
  const found = [...dangers];
  return kinds ? found.filter((danger) => KIND_OF[danger].some((kind) => kinds.includes(kind))) : found;
}

function touches({ tables, statements }: SearchedTransaction, filter: TransactionFilter): boolean {
  if (filter.schema === undefined && filter.table === undefined) return true;
  return fits(tables, filter) || statements.some((statement) => fits(statement.tables, filter));
}

/** Does it do one of the kinds, to as many rows as asked for, in tables that fit? Statements have no rows: only a search without a number finds them by kind alone. */
function changes({ tables, statements }: SearchedTransaction, filter: TransactionFilter): boolean {
  const { kinds, rowsOver } = filter;
  if (!kinds && rowsOver === undefined) return true;
  const wanted = kinds ?? Object.keys(COUNT_OF);
  const byRows = tables.some((one) => fits([one], filter) && wanted.some((kind) => Object.hasOwn(COUNT_OF, kind) && one[COUNT_OF[kind as keyof typeof COUNT_OF]] > (rowsOver ?? 0)));
  const byStatement = kinds !== undefined && statements.some((statement) => kinds.includes(statement.kind) && fits(statement.tables, filter));
  return byRows || byStatement;
}
