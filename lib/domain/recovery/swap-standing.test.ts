import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { movesOf, standing } from "./swap-standing.ts";

const NAMES = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { minLength: 1 });
const PAIRS = fc.record({ incoming: NAMES, outgoing: fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e", "only-live")) }).map((tables) => [{ live: "l", restored: "r", kept: "k", ...tables, outgoing: [...new Set([...tables.outgoing, ...tables.incoming])] }]);
type Places = Map<string, string>;

/** Which table (by where it was first) stands where. */
const first = ([pair]: { incoming: string[]; outgoing: string[] }[]): Places => new Map([...(pair?.incoming ?? []).map((name) => [`r.${name}`, `r.${name}`] as const), ...(pair?.outgoing ?? []).map((name) => [`l.${name}`, `l.${name}`] as const)]);
const moved = (places: Places, moves: readonly (readonly [string, string, string])[]): Places => {
  const now = new Map(places);
  for (const [from, to, table] of moves) {
    expect(now.has(`${to}.${table}`), `${to}.${table} is taken`).toBe(false);
    now.set(`${to}.${table}`, now.get(`${from}.${table}`) ?? "lost");
    now.delete(`${from}.${table}`);
  }
  return now;
};
const here = (places: Places) => (schema: string, table: string) => places.has(`${schema}.${table}`);

describe("where tables of a swap stand", () => {
  it("is told of any number of moves, which are all brought back", () => {
    fc.assert(
      fc.property(PAIRS, fc.nat(20), (pairs, done) => {
        const all = movesOf(pairs);
        const some = all.slice(0, done);
        const now = moved(first(pairs), some);
        const { where, back, gone } = standing(pairs, here(now));
        expect(where).toBe(some.length === 0 ? "before" : some.length === all.length ? "after" : "mixed");
        expect(gone).toEqual([]);
        expect(moved(now, back)).toEqual(first(pairs));
      }),
    );
  });

  it("names what is in neither place", () => {
    expect(standing([{ live: "l", restored: "r", kept: "k", incoming: ["a"], outgoing: ["a"] }], (schema) => schema === "r").gone).toEqual(["l.a"]);
  });
});
