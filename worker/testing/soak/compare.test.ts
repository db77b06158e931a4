import { describe, expect, it } from "vitest";
import { contradictions } from "./compare.ts";
import type { Entry } from "./ledger.ts";

/** Ten transactions of 1 ms each, 10 ms apart; each brings its number from account 0 to account 1. */
const ledger = (change: Partial<Record<number, Partial<Entry>>> = {}): Entry[] =>
  Array.from({ length: 10 }, (_, at) => ({ n: at + 1, payer: 0, payee: 1, amount: at + 1, sentAt: 1000 + 10 * at, doneAt: 1001 + 10 * at, gtid: `u:${at + 1}`, outcome: "committed" as const, ...change[at + 1] }));
const copy = (...entries: number[]) => {
  const sum = entries.reduce((total, n) => total + n, 0);
  return { entries: new Set(entries), balances: new Map([[0, -sum], [1, sum]]) };
};
const at = (ms: number) => ({ kind: "time" as const, at: `${ms}000` });

describe("comparing a restored copy with the ledger", () => {
  it("finds nothing where it holds exactly what was committed by then", () => {
    expect(contradictions(ledger(), at(1035), copy(1, 2, 3, 4), false)).toEqual([]);
    expect(contradictions(ledger(), { kind: "after", gtid: "u:4" }, copy(1, 2, 3, 4), false)).toEqual([]);
    expect(contradictions(ledger(), { kind: "before", gtid: "u:5" }, copy(1, 2, 3, 4), false)).toEqual([]);
  });

  it.each([
    ["one is missing in the middle", at(1035), copy(1, 2, 4), /transaction 3 .*missing/],
    ["the last is missing", at(1035), copy(1, 2, 3), /transaction 4 .*missing/],
    ["one is too many", at(1035), copy(1, 2, 3, 4, 5), /transaction 5 .*there/],
    ["one is too many by name", { kind: "before", gtid: "u:4" }, copy(1, 2, 3, 4), /transaction 4 .*must not be/],
    ["one was never committed", at(1035), copy(1, 2, 3, 4, 77), /transaction 77 .*never committed/],
    ["half a transaction", at(1035), { ...copy(1, 2, 3, 4), balances: new Map([[0, -10], [1, 9]]) }, /account 1 holds 9 instead of 10/],
  ] as const)("finds that %s", (_name, wanted, restored, message) => {
    expect(contradictions(ledger(), wanted, restored, false).join("\n")).toMatch(message);
  });

  it("lets a transaction without an answer stand only where its times allow", () => {
    const lost = ledger({ 4: { gtid: null, doneAt: 1055 } });
    expect(contradictions(lost, { kind: "after", gtid: "u:5" }, copy(1, 2, 3, 4, 5), false)).toEqual([]);
    expect(contradictions(lost, { kind: "after", gtid: "u:5" }, copy(1, 2, 3, 5), false)).toEqual([]);
    expect(contradictions(lost, { kind: "after", gtid: "u:8" }, copy(1, 2, 3, 5, 6, 7, 8), false)[0]).toMatch(/transaction 4 \(no answer\) is missing/);
    expect(contradictions(lost, { kind: "after", gtid: "u:3" }, copy(1, 2, 3, 4), false)[0]).toMatch(/transaction 4 \(no answer\) is there/);
  });
});
