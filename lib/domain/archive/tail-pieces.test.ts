import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { furthestChain, type Piece, pieceLayout } from "./tail-pieces.ts";

const length = fc.integer({ min: 0, max: 400 });
const size = fc.integer({ min: 1, max: 50 });

describe("pieces of an open binary log", () => {
  it("cover it without hole or overlap; all but the last are full", () => {
    fc.assert(
      fc.property(length, size, (end, pieceBytes) => {
        const pieces = pieceLayout(end, pieceBytes);
        expect(pieces.reduce((at, piece) => (piece.from === at && piece.end > at ? piece.end : Number.NaN), 0)).toBe(end);
        expect(pieces.slice(0, -1).every(({ from, end: to }) => to - from === pieceBytes)).toBe(true);
      }),
    );
  });

  it("are the same ones when the file has grown, but for the last", () => {
    fc.assert(
      fc.property(length, length, size, (end, more, pieceBytes) => {
        const full = pieceLayout(end, pieceBytes).filter(({ from, end: to }) => to - from === pieceBytes);
        expect(pieceLayout(end + more, pieceBytes).slice(0, full.length)).toEqual(full);
      }),
    );
  });
});

describe("the chain of pieces that are there", () => {
  const chainEnd = (chain: readonly Piece[]): number => chain.at(-1)?.end ?? 0;

  it("joins from the first byte, and no choice of the pieces reaches further", () => {
    const piece = fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 6 })).map(([from, bytes]) => ({ from, end: from + bytes }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const chain = furthestChain(pieces);
        expect(chain.every((one, number) => one.from === (chain[number - 1]?.end ?? 0) && pieces.includes(one))).toBe(true);
        const reached = new Set([0]);
        for (let before = -1; before !== reached.size; ) {
          before = reached.size;
          for (const { from, end } of pieces) if (reached.has(from)) reached.add(end);
        }
        expect(chainEnd(chain)).toBe(Math.max(...reached));
      }),
    );
  });

  it("never reaches less far, whenever an archive is killed between storing new pieces in order and removing those that they replace", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 6 }), size, size, fc.nat(), fc.nat(), (steps, pieceBytes, before, stores, removals) => {
        const same = (one: Piece) => (other: Piece): boolean => one.from === other.from && one.end === other.end;
        const at = steps.slice(0, -1).reduce((sum, step) => sum + step, 0);
        const end = at + (steps.at(-1) ?? 0);
        // The worker may have had another size of pieces, or none at all, before.
        const old = pieceLayout(at, before === 50 ? Math.max(at, 1) : before);
        const wanted = pieceLayout(end, pieceBytes);
        const missing = wanted.filter((piece) => !old.some(same(piece)));
        const stored = missing.slice(0, stores % (missing.length + 1));
        const there = [...old, ...stored];
        expect(chainEnd(furthestChain(there))).toBeGreaterThanOrEqual(at);
        if (stored.length < missing.length) return;
        const replaced = old.filter((piece) => !wanted.some(same(piece)));
        const left = there.filter((piece) => !replaced.slice(0, removals % (replaced.length + 1)).some(same(piece)));
        expect(chainEnd(furthestChain(left))).toBe(end);
      }),
    );
  });
});
