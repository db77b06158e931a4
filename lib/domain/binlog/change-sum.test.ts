import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SummaryBuilder } from "./block-summary.ts";
import { addCut, boundedSum, ChangeAdder, type ChangeSum, type FileCut, type SummedBlock } from "./change-sum.ts";
import { type LoggedTransaction, loggedTransactions } from "./testing/logged-transactions.ts";

/** The log cut into blocks of these lengths; counts which are opened. */
function blocksOf(log: readonly LoggedTransaction[], lengths: readonly number[], opened = { blocks: 0 }): SummedBlock<LoggedTransaction>[] {
  const blocks: SummedBlock<LoggedTransaction>[] = [];
  for (let at = 0; at < log.length; ) {
    const own = log.slice(at, at + (lengths[blocks.length % lengths.length] ?? 1));
    const builder = new SummaryBuilder(log[at - 1]?.committedAt ?? null, own[0] as LoggedTransaction);
    for (const transaction of own) builder.add(transaction);
    const transactions = async () => {
      opened.blocks += 1;
      return own;
    };
    blocks.push({ summary: builder.summary(), transactions });
    at += own.length;
  }
  return blocks;
}

const sumOf = (log: readonly LoggedTransaction[]): ChangeSum => {
  const adder = new ChangeAdder();
  for (const { summary } of blocksOf(log, [1])) adder.add(summary);
  return adder.sum();
};

const cutInto = async (log: readonly LoggedTransaction[], lengths: readonly number[], cut: FileCut, opened?: { blocks: number }) => {
  const into = { kept: new ChangeAdder(), lost: new ChangeAdder() };
  await addCut(blocksOf(log, lengths, opened), cut, into);
  return { kept: into.kept.sum(), lost: into.lost.sum() };
};

const named = <T extends { schema: string; table: string }>(list: readonly T[]): T[] => list.toSorted((a, b) => JSON.stringify([a.schema, a.table, "kind" in a ? a.kind : ""]).localeCompare(JSON.stringify([b.schema, b.table, "kind" in b ? b.kind : ""])));
/** Without the order of its lists, and without which of several came last. */
const amounts = ({ tables, statements, ...rest }: ChangeSum) => ({ ...rest, tables: named(tables).map(({ first: _first, last: _last, ...sums }) => sums), statements: named(statements).map(({ first: _first, last: _last, ...sums }) => sums) });

const LENGTHS = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
const EVERYTHING = { from: 0, to: Number.POSITIVE_INFINITY, skip: [] };

describe("what transactions did together", () => {
  it("is the same however they are cut into blocks", async () => {
    await fc.assert(
      fc.asyncProperty(loggedTransactions, LENGTHS, async (log, lengths) => {
        const { kept, lost } = await cutInto(log, lengths, EVERYTHING);
        expect(kept).toEqual(sumOf(log));
        expect(lost.transactions).toBe(0);
        expect(lost.earliest).toBeNull();
      }),
    );
  });

  it("counts every row of every transaction once", () => {
    fc.assert(
      fc.property(loggedTransactions, (log) => {
        const sum = sumOf(log);
        const rows = (pick: "inserted" | "updated" | "deleted") => [sum.tables, log.flatMap(({ tables }) => tables)].map((list) => list.reduce((total, one) => total + one[pick], 0));
        for (const pick of ["inserted", "updated", "deleted"] as const) expect(rows(pick)[0]).toBe(rows(pick)[1]);
        expect(sum.transactions).toBe(log.length);
        expect(sum.statements.reduce((total, { count }) => total + count, 0)).toBe(log.flatMap(({ statements }) => statements).reduce((total, { tables }) => total + Math.max(1, tables.length), 0));
      }),
    );
  });
});

describe("a cut", () => {
  const CUTS = fc.record({ full: fc.nat(30), stop: fc.nat(30), skipped: fc.array(fc.nat(30), { maxLength: 3 }) });

  it("leaves nothing out: kept and lost are all behind the full, each on its side", async () => {
    await fc.assert(
      fc.asyncProperty(loggedTransactions, LENGTHS, CUTS, async (log, lengths, { full, stop, skipped }) => {
        const from = log[full]?.start ?? 0;
        const to = Math.max(from, log[stop]?.start ?? Number.POSITIVE_INFINITY);
        const skip = skipped.flatMap((at) => log[at]?.gtid?.toUpperCase() ?? []);
        const isKept = ({ start, gtid }: LoggedTransaction) => start < to && !skip.includes(gtid?.toUpperCase() ?? "");
        const behind = log.filter(({ start }) => start >= from);
        const { kept, lost } = await cutInto(log, lengths, { from, to, skip });
        expect(kept).toEqual(sumOf(behind.filter(isKept)));
        expect(lost).toEqual(sumOf(behind.filter((transaction) => !isKept(transaction))));
        const together = new ChangeAdder();
        const parts = { kept: together, lost: together };
        await addCut(blocksOf(log, lengths), { from, to, skip }, parts);
        expect(amounts(together.sum())).toEqual(amounts(sumOf(behind)));
      }),
      { numRuns: 300 },
    );
  });

  it("opens only the blocks that a border goes through", async () => {
    const log = Array.from({ length: 20 }, (_, at): LoggedTransaction => ({ gtid: `0-1-${at}`, committedAt: String(at), start: at * 100, end: at * 100 + 90, user: null, tables: [], uncountedRowEvents: 0, statements: [], statementsLeftOut: 0, statementFormat: false, xa: null }));
    const opened = { blocks: 0 };
    await cutInto(log, [4], { from: 0, to: 600, skip: [] }, opened);
    expect(opened.blocks).toBe(1);
    await cutInto(log, [4], { from: 400, to: 800, skip: [] }, opened);
    expect(opened.blocks).toBe(1);
    await cutInto(log, [4], { ...EVERYTHING, skip: ["0-1-9"] }, opened);
    expect(opened.blocks).toBe(2);
  });
});

describe("what a plan carries of it", () => {
  it("names the most changed tables and what destroys, and counts the rest", () => {
    const at = { first: "1", last: "2" };
    const tables = Array.from({ length: 130 }, (_, n) => ({ schema: "s", table: `t${n}`, transactions: 1, inserted: n, updated: 0, deleted: 1, ...at }));
    const statements = [...Array.from({ length: 60 }, (_, n) => ({ kind: "create", schema: "s", table: `t${n}`, count: 2, ...at })), { kind: "drop", schema: "s", table: "*", count: 1, ...at }];
    const bound = boundedSum({ transactions: 200, earliest: "1", latest: "2", tables, statements, uncounted: 3, statementsLeftOut: 5 }, { files: 1, transactions: 7 });
    expect(bound.tables.map(({ table }) => table)).toEqual(Array.from({ length: 100 }, (_, n) => `t${129 - n}`));
    expect(bound.otherTables).toEqual({ count: 30, inserted: 435, updated: 0, deleted: 30 });
    expect(bound.statements[0]).toMatchObject({ kind: "drop" });
    expect([bound.statements.length, bound.otherStatements]).toEqual([50, 5 + 11 * 2]);
  });
});
