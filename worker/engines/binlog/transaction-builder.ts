import { describeStatement } from "#lib/domain/binlog/logged-statement.ts";
import type { ArchivedStatement, ArchivedTransaction } from "#lib/contract/archive/transaction.ts";
import type { RowChange } from "./event-types.ts";
import type { QueryEvent } from "./query-event.ts";

/** Statements that are kept of one transaction. */
const STATEMENTS = 100;
const COUNT_OF = { insert: "inserted", update: "updated", delete: "deleted" } as const satisfies Record<RowChange, string>;

type TableChanges = ArchivedTransaction["tables"][number];

interface Open {
  readonly gtid: string | null;
  readonly committedAt: string;
  readonly start: number;
  /** After BEGIN: only COMMIT, an Xid or XA PREPARE end it. Before: the first statement is all of it. */
  grouped: boolean;
  user: string | null;
  tables: TableChanges[];
  /** The same by name, as soon as there are two. */
  named: Map<string, TableChanges> | null;
  uncountedRowEvents: number;
  readonly statements: ArchivedStatement[];
  statementsLeftOut: number;
  statementFormat: boolean;
}

export interface TransactionBegin {
  readonly gtid: string | null;
  /** Microseconds since 1970, as decimal text. */
  readonly committedAt: string;
  readonly start: number;
  /** The log leaves BEGIN out (MariaDB). */
  readonly grouped: boolean;
}

/** Puts a transaction together from its events. Methods that may be its end get the position after the event and return it when it is whole. */
export class TransactionBuilder {
  readonly #file: string;
  #open: Open | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** Is a transaction begun and not ended? */
  get active(): boolean {
    return this.#open !== undefined;
  }

  begin({ gtid, committedAt, start, grouped }: TransactionBegin): void {
    this.#open = { gtid, committedAt, start, grouped, user: null, tables: [], named: null, uncountedRowEvents: 0, statements: [], statementsLeftOut: 0, statementFormat: false };
  }

  query(event: QueryEvent, end: number, load: boolean): ArchivedTransaction | undefined {
    const open = this.#require();
    if (event.begins) {
      open.user ??= event.user;
      open.grouped = true;
      return undefined;
    }
    const described = describeStatement(event.sql.toString("utf8"), event);
    open.user ??= event.user;
    switch (described.control) {
      case "begin":
        open.grouped = true;
        return undefined;
      case "savepoint":
        return undefined;
      case "commit":
      case "rollback":
        return this.finish(end);
      case "xa-commit":
      case "xa-rollback":
        return this.finish(end, described.control === "xa-commit" ? "commit" : "rollback");
      default: {
        const { kind, tables, text } = described;
        this.#keep(open, { kind: load ? "insert" : kind, schema: event.schema, tables: [...tables], text });
        if (load || kind === "insert" || kind === "update" || kind === "delete" || (kind === "other" && open.grouped)) open.statementFormat = true;
        return open.grouped ? undefined : this.finish(end);
      }
    }
  }

  /** The server could not log something: what follows is not all that happened. */
  incident(end: number): ArchivedTransaction | undefined {
    const open = this.#require();
    this.#keep(open, { kind: "incident", schema: "", tables: [], text: null });
    return open.grouped ? undefined : this.finish(end);
  }

  rows(schema: string, table: string, change: RowChange, rows: number): void {
    changesOf(this.#require(), schema, table)[COUNT_OF[change]] += rows;
  }

  uncountedRows(): void {
    this.#require().uncountedRowEvents += 1;
  }

  finish(end: number, xa: ArchivedTransaction["xa"] = null): ArchivedTransaction | undefined {
    const open = this.#open;
    this.#open = undefined;
    if (!open) return undefined;
    const { gtid, committedAt, start, user, tables, uncountedRowEvents, statements, statementsLeftOut, statementFormat } = open;
    return { gtid, committedAt, file: this.#file, start, end, bytes: end - start, user, tables, uncountedRowEvents, statements, statementsLeftOut, statementFormat, xa };
  }

  #keep(open: Open, statement: ArchivedStatement): void {
    if (open.statements.length < STATEMENTS) open.statements.push(statement);
    else open.statementsLeftOut += 1;
  }

  /** Whoever feeds the builder begins a transaction first; events outside one are a log that cannot be understood. */
  #require(): Open {
    if (!this.#open) throw new RangeError("an event of a transaction stands outside of one");
    return this.#open;
  }
}

/** Most transactions change one table: a map costs more than all else that is done for them. */
function changesOf(open: Open, schema: string, table: string): TableChanges {
  const first = open.tables[0];
  if (first && first.table === table && first.schema === schema) return first;
  if (first) open.named ??= new Map([[nameOf(first), first]]);
  const known = open.named?.get(nameOf({ schema, table }));
  if (known) return known;
  const changes = { schema, table, inserted: 0, updated: 0, deleted: 0 };
  // A list that begins empty and grows takes room for seventeen.
  if (first) open.tables.push(changes);
  else open.tables = [changes];
  open.named?.set(nameOf(changes), changes);
  return changes;
}

function nameOf({ schema, table }: Pick<TableChanges, "schema" | "table">): string {
  return `${schema}\0${table}`;
}
