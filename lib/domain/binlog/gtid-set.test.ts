import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EMPTY_GTID_SET, formatGtidSet, type GtidSet, GtidSetBuilder, isSubset, parseGtidSet, sameGtids, subtract, unite } from "./gtid-set.ts";

const A = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
const B = "4e11fa47-71ca-11e1-9e33-c80aa9429562";

/** A set as a plain list of single transactions: slow, and too simple to be wrong. */
const transactions = fc.array(fc.tuple(fc.constantFrom(A, B, `${A}:tag_1`, `${A}:b`, `${B}:tag_1`), fc.bigInt({ min: 1n, max: 12n })), { maxLength: 40 });
const made = (list: readonly (readonly [string, bigint])[]): GtidSet => {
  const builder = new GtidSetBuilder();
  for (const [origin, number] of list) builder.add(origin, number);
  return builder.set();
};
const plain = (list: readonly (readonly [string, bigint])[]): Set<string> => new Set(list.map(([origin, number]) => `${origin} ${number}`));
const single = (set: GtidSet): Set<string> =>
  new Set([...set].flatMap(([origin, intervals]) => intervals.flatMap(([first, last]) => Array.from({ length: Number(last - first) + 1 }, (_, index) => `${origin} ${first + BigInt(index)}`))));

describe("GTID sets", () => {
  it.each([
    ["", ""],
    [`${A}:1`, `${A}:1`],
    [`${A}:1-5:7`, `${A}:1-5:7`],
    [`${A}:7:1-3:4-5`, `${A}:1-5:7`],
    [`${A}:1-5:3-9`, `${A}:1-9`],
    [` ${B}:2 ,\n${A.toUpperCase()} : 1 - 5 `.replace("1 - 5", "1-5"), `${A}:1-5,${B}:2`],
    [`${A}:1:backup_1:1`, `${A}:1:backup_1:1`],
    [`${A}:zz:4:aa:1-2:5`, `${A}:aa:1-2:5:zz:4`],
    [`${A}:tag:3,${A}:1`, `${A}:1:tag:3`],
    [`${A}:1-9223372036854775807`, `${A}:1-9223372036854775807`],
    [`${A}:1,`, `${A}:1`],
  ])("reads «%s»", (text, canonical) => expect(formatGtidSet(parseGtidSet(text))).toBe(canonical));

  it.each(["x", A, `${A}:`, `${A}:0`, `${A}:5-1`, `${A}:1-`, `${A}:1-2-3`, `${A}:tag`, `${A}:tag:tag2:1`, `${A}:TAG!:1`, `${A}:9223372036854775808`, `${A.slice(1)}:1`, "0-1-5", `:1`])("refuses «%s»", (text) => {
    expect(() => parseGtidSet(text)).toThrow(expect.objectContaining({ code: "GTID_INVALID" }));
  });

  it("keeps exactly what was added, whatever the order, in intervals that do not touch", () => {
    fc.assert(
      fc.property(transactions, (list) => {
        const set = made(list);
        expect(single(set)).toEqual(plain(list));
        for (const intervals of set.values()) {
          for (const [index, [first, last]] of intervals.entries()) {
            expect(first <= last).toBe(true);
            const next = intervals[index + 1];
            expect(next === undefined || next[0] > last + 1n).toBe(true);
          }
        }
      }),
    );
  });

  it("is the same after being printed and read", () => {
    fc.assert(fc.property(transactions, (list) => sameGtids(parseGtidSet(formatGtidSet(made(list))), made(list))));
  });

  it("unites, subtracts and compares like sets of single transactions", () => {
    fc.assert(
      fc.property(transactions, transactions, (one, other) => {
        const [left, right] = [made(one), made(other)];
        const rest = [...plain(one)].filter((transaction) => !plain(other).has(transaction));
        expect(single(unite(left, right))).toEqual(plain([...one, ...other]));
        expect(single(subtract(left, right))).toEqual(new Set(rest));
        expect(isSubset(left, right)).toBe(rest.length === 0);
        expect(sameGtids(left, right)).toBe(rest.length === 0 && plain(one).size === plain(other).size);
        expect(isSubset(EMPTY_GTID_SET, left)).toBe(true);
      }),
    );
  });
});
