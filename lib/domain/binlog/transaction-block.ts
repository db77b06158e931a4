/** A transaction as an index keeps it; `archivedTransaction` of lib/contract/archive says what the fields mean. */
export interface IndexedTransaction {
  readonly gtid: string | null;
  readonly committedAt: string;
  readonly start: number;
  readonly end: number;
  readonly user: string | null;
  readonly tables: readonly { readonly schema: string; readonly table: string; readonly inserted: number; readonly updated: number; readonly deleted: number }[];
  readonly uncountedRowEvents: number;
  readonly statements: readonly unknown[];
  readonly statementsLeftOut: number;
  readonly statementFormat: boolean;
  readonly xa: string | null;
}

/** What few transactions have; absent fields are null, 0, false or empty. */
interface Rest {
  u?: string;
  n?: number;
  s?: readonly unknown[];
  l?: number;
  f?: true;
  x?: string;
}

/**
 * Transactions that follow each other, column by column, one entry for each: most entries are small numbers. `at`: commit time, microseconds after the one before
 * (the first after `from`). `origin`: place in `origins`, -1 without GTID; `number`: distance to the last number of this origin (the first to its begin in `origins`).
 * `gap`: bytes between the end of the one before (the first: `start`) and this one. `bytes`: its length. `shape`: place in `shapes`, which name places in `tables` with
 * inserted, updated and deleted rows. `rest`: by place, for the few that have more.
 */
export interface TransactionBlock {
  readonly from: string;
  readonly start: number;
  readonly origins: [origin: string, begin: string][];
  readonly tables: [schema: string, table: string][];
  readonly shapes: (readonly [table: number, inserted: number, updated: number, deleted: number])[][];
  readonly at: number[];
  readonly origin: number[];
  readonly number: number[];
  readonly gap: number[];
  readonly bytes: number[];
  readonly shape: number[];
  readonly rest: Record<string, Rest>;
}

/** Puts transactions that follow each other into a block. */
export class BlockBuilder {
  readonly block: TransactionBlock;
  /** Rough length of its JSON, characters. */
  size = 0;
  #at: string;
  #end: number;
  readonly #numbers: bigint[] = [];
  readonly #origins = new Map<string, number>();
  readonly #tables = new Map<string, number>();
  readonly #shapes = new Map<string, number>();
  #last: { readonly of: IndexedTransaction["tables"][number]; readonly shape: number } | undefined;

  constructor(first: IndexedTransaction) {
    this.#at = first.committedAt;
    this.#end = first.start;
    this.block = { from: first.committedAt, start: first.start, origins: [], tables: [], shapes: [], at: [], origin: [], number: [], gap: [], bytes: [], shape: [], rest: {} };
  }

  /** False: it lies too far from the others for their numbers, and begins a block of its own. */
  add(transaction: IndexedTransaction): boolean {
    const { block } = this;
    const { origin, number } = originOf(transaction.gtid);
    const known = origin === null ? -1 : (this.#origins.get(origin) ?? block.origins.length);
    const step = microsecondsBetween(this.#at, transaction.committedAt);
    const distance = known === -1 ? 0 : Number(number - (this.#numbers[known] ?? number));
    if (!Number.isSafeInteger(step) || !Number.isSafeInteger(distance)) return false;
    if (origin !== null && known === block.origins.length) {
      this.#origins.set(origin, known);
      block.origins.push([origin, String(number)]);
    }
    if (known !== -1) this.#numbers[known] = number;
    this.#rest(transaction);
    block.at.push(step);
    block.origin.push(known);
    block.number.push(distance);
    block.gap.push(transaction.start - this.#end);
    block.bytes.push(transaction.end - transaction.start);
    block.shape.push(this.#shape(transaction.tables));
    this.#at = transaction.committedAt;
    this.#end = transaction.end;
    this.size += 24;
    return true;
  }

  #rest({ user, uncountedRowEvents, statements, statementsLeftOut, statementFormat, xa }: IndexedTransaction): void {
    if (user === null && uncountedRowEvents === 0 && statements.length === 0 && statementsLeftOut === 0 && !statementFormat && xa === null) return;
    const rest: Rest = {
      ...(user === null ? {} : { u: user }),
      ...(uncountedRowEvents === 0 ? {} : { n: uncountedRowEvents }),
      ...(statements.length === 0 ? {} : { s: statements }),
      ...(statementsLeftOut === 0 ? {} : { l: statementsLeftOut }),
      ...(statementFormat ? { f: true } : {}),
      ...(xa === null ? {} : { x: xa }),
    };
    this.block.rest[this.block.at.length] = rest;
    this.size += JSON.stringify(rest).length;
  }

  #shape(tables: IndexedTransaction["tables"]): number {
    const one = tables[0];
    const last = this.#last;
    // Most transactions do to one table what the one before did.
    if (tables.length === 1 && one && last && last.of.table === one.table && last.of.schema === one.schema && last.of.inserted === one.inserted && last.of.updated === one.updated && last.of.deleted === one.deleted) return last.shape;
    const shape = this.#shapeOf(tables);
    this.#last = tables.length === 1 && one ? { of: one, shape } : undefined;
    return shape;
  }

  #shapeOf(tables: IndexedTransaction["tables"]): number {
    const shape = tables.map(({ schema, table, inserted, updated, deleted }) => [this.#table(schema, table), inserted, updated, deleted] as const);
    const key = shape.join(";");
    const known = this.#shapes.get(key);
    if (known !== undefined) return known;
    this.#shapes.set(key, this.block.shapes.length);
    this.size += key.length + 8;
    return this.block.shapes.push(shape) - 1;
  }

  #table(schema: string, table: string): number {
    const key = `${schema}\0${table}`;
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    this.#tables.set(key, this.block.tables.length);
    this.size += key.length + 8;
    return this.block.tables.push([schema, table]) - 1;
  }
}

/** The transactions of a block, in order. Tables are shared between transactions of one shape. */
export function openBlock(block: TransactionBlock): IndexedTransaction[] {
  const shapes = block.shapes.map((shape) => shape.map(([place, inserted, updated, deleted]) => ({ schema: block.tables[place]?.[0] ?? "", table: block.tables[place]?.[1] ?? "", inserted, updated, deleted })));
  const numbers = block.origins.map(([, begin]) => BigInt(begin));
  const opened: IndexedTransaction[] = [];
  let at = BigInt(block.from);
  let end = block.start;
  for (const [place, step] of block.at.entries()) {
    if (step !== 0) at += BigInt(step);
    const start = end + (block.gap[place] ?? 0);
    end = start + (block.bytes[place] ?? 0);
    const { u = null, n = 0, s = [], l = 0, f = false, x = null } = block.rest[place] ?? {};
    const gtid = gtidAt(block, place, numbers);
    opened.push({ gtid, committedAt: String(at), start, end, user: u, tables: shapes[block.shape[place] ?? -1] ?? [], uncountedRowEvents: n, statements: s, statementsLeftOut: l, statementFormat: f, xa: x });
  }
  return opened;
}

function gtidAt(block: TransactionBlock, place: number, numbers: bigint[]): string | null {
  const origin = block.origin[place] ?? -1;
  if (origin === -1) return null;
  const number = (numbers[origin] ?? 0n) + BigInt(block.number[place] ?? 0);
  numbers[origin] = number;
  return `${block.origins[origin]?.[0] ?? ""}${number}`;
}

interface Origin {
  readonly origin: string | null;
  readonly number: bigint;
}

const NO_ORIGIN: Origin = { origin: null, number: 0n };

/** Exact where it is a safe integer. */
function microsecondsBetween(from: string, to: string): number {
  const one = Number(from);
  const other = Number(to);
  return Number.isSafeInteger(one) && Number.isSafeInteger(other) ? other - one : Number(BigInt(to) - BigInt(from));
}

/** Block and summary ask for the same one after another. */
let lastOrigin: { readonly gtid: string; readonly is: Origin } | undefined;

/** `uuid:`, `uuid:tag:` or `0-1-`, and the number behind it. */
export function originOf(gtid: string | null): Origin {
  if (gtid === null) return NO_ORIGIN;
  if (lastOrigin?.gtid === gtid) return lastOrigin.is;
  const colon = gtid.lastIndexOf(":");
  const cut = (colon === -1 ? gtid.lastIndexOf("-") : colon) + 1;
  // The same string again is found in maps without reading it.
  const before = lastOrigin?.is.origin;
  const is: Origin = { origin: before?.length === cut && gtid.startsWith(before) ? before : gtid.slice(0, cut), number: BigInt(gtid.slice(cut)) };
  lastOrigin = { gtid, is };
  return is;
}
