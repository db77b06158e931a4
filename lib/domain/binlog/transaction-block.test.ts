import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mayHoldGtid, mayMatch, SummaryBuilder } from "./block-summary.ts";
import { matchTransaction, type TransactionFilter } from "./search-transactions.ts";
import { BlockBuilder, openBlock } from "./transaction-block.ts";
import { type LoggedTransaction, loggedTransactions } from "./testing/logged-transactions.ts";

const together = (log: readonly LoggedTransaction[], before: string | null = null) => {
  const builder = new SummaryBuilder(before, log[0] as LoggedTransaction);
  for (const transaction of log) builder.add(transaction);
  return builder.summary();
};

const NAME = fc.constantFrom("shop", "viaggi", "users", "other");
const FILTERS: fc.Arbitrary<TransactionFilter> = fc.record(
  {
    dangerousOnly: fc.boolean(),
    from: fc.integer({ min: 0, max: 40 }).map((at) => String(at * 1_000_000)),
    to: fc.integer({ min: 0, max: 40 }).map((at) => String(at * 1_000_000)),
    schema: NAME,
    table: NAME,
    kinds: fc.subarray(["drop", "truncate", "insert", "update", "delete", "alter", "incident"], { minLength: 1 }),
    user: fc.constantFrom("anna", "ANNA@", "bruno"),
    text: fc.constantFrom("drop", "shop.v", "3e11fa47", "9429562:1", "12", "0-1-", "nothing like it"),
    rowsOver: fc.integer({ min: 0, max: 3000 }),
  },
  { requiredKeys: ["dangerousOnly"] },
);

describe("a block of transactions", () => {
  it("gives back what was put into it, through JSON", () => {
    fc.assert(
      fc.property(loggedTransactions, (log) => {
        const builder = new BlockBuilder(log[0] as LoggedTransaction);
        for (const transaction of log) expect(builder.add(transaction)).toBe(true);
        expect(openBlock(JSON.parse(JSON.stringify(builder.block)) as typeof builder.block)).toEqual(log);
      }),
    );
  });

  it("refuses what its numbers cannot hold, and is as it was", () => {
    const [first] = fc.sample(loggedTransactions, { numRuns: 1, seed: 1 })[0] as LoggedTransaction[];
    const one = { ...(first as LoggedTransaction), gtid: "3e11fa47-71ca-11e1-9e33-c80aa9429562:1", committedAt: "1" };
    const builder = new BlockBuilder(one);
    builder.add(one);
    expect(builder.add({ ...one, committedAt: "9223372036854775807" })).toBe(false);
    expect(builder.add({ ...one, gtid: "3e11fa47-71ca-11e1-9e33-c80aa9429562:9223372036854775807" })).toBe(false);
    expect(openBlock(builder.block)).toEqual([one]);
  });

  it("is never passed over where one of its transactions fits, and holds every GTID that stands in it", () => {
    fc.assert(
      fc.property(loggedTransactions, FILTERS, (log, filter) => {
        const summary = together(log);
        if (log.some((transaction) => matchTransaction(transaction, filter) !== null)) expect(mayMatch(summary, filter)).toBe(true);
        for (const { gtid } of log) if (gtid !== null) expect(mayHoldGtid(summary, gtid)).toBe(true);
        expect(mayHoldGtid(summary, "3e11fa47-71ca-11e1-9e33-c80aa9429562:99999999")).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it("is passed over where none can fit", () => {
    const [log] = fc.sample(loggedTransactions, { numRuns: 1, seed: 7 });
    const quiet = (log ?? []).map((transaction) => ({ ...transaction, statements: [], statementsLeftOut: 0, uncountedRowEvents: 0 }));
    const summary = together(quiet);
    expect(mayMatch(summary, { dangerousOnly: true, rowsOver: 1_000_000 })).toBe(false);
    expect(mayMatch(summary, { dangerousOnly: false, table: "absent" })).toBe(false);
    expect(mayMatch(summary, { dangerousOnly: false, text: "absent" })).toBe(false);
    expect(mayMatch(summary, { dangerousOnly: false, user: "carla" })).toBe(false);
    expect(mayMatch(summary, { dangerousOnly: false, to: "0" })).toBe(false);
  });

  it("sums up rows, extremes of time, and where the clock went back, also from the block before", () => {
    fc.assert(
      fc.property(loggedTransactions, (log) => {
        const summary = together(log, "30000000");
        const times = log.map(({ committedAt }) => Number(committedAt));
        expect(summary).toMatchObject({ transactions: log.length, start: log[0]?.start, end: log.at(-1)?.end, first: log[0]?.committedAt, last: log.at(-1)?.committedAt, earliest: String(Math.min(...times)), latest: String(Math.max(...times)) });
        const deleted = log.flatMap(({ tables }) => tables).filter(({ table }) => table === "viaggi").reduce((sum, one) => sum + one.deleted, 0);
        expect(summary.tables.filter(({ table }) => table === "viaggi").reduce((sum, one) => sum + one.deleted, 0)).toBe(deleted);
        const steps = [30_000_000, ...times].flatMap((at, place, all) => (place > 0 && at < (all[place - 1] ?? 0) ? [[String(all[place - 1]), String(at)]] : []));
        expect(summary.stepsBack.map(({ from, to }) => [from, to])).toEqual(steps.slice(0, 20));
      }),
    );
  });
});
