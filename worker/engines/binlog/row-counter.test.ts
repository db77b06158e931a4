import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RowCounter } from "./row-counter.ts";

const ALL = Buffer.from([0xff, 0xff]);

/** Rows of a table with a fixed column, and columns whose lengths stand in one, two and four bytes before them. */
const LENGTHS = [4, -1, -2, -4] as const;
const row = fc.tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 300 }));

function written([nulls, ...sizes]: readonly [number, number, number, number]): Buffer {
  const parts = [Buffer.from([nulls])];
  for (const [column, length] of LENGTHS.entries()) {
    if ((nulls >> column) & 1) continue;
    if (length > 0) parts.push(Buffer.alloc(length, 0xff));
    else {
      const size = sizes[column - 1] as number;
      const lead = Buffer.alloc(-length);
      lead.writeUIntLE(size, 0, -length);
      parts.push(lead, Buffer.alloc(size, 0xff));
    }
  }
  return Buffer.concat(parts);
}

function counter(options: { update?: boolean; partial?: boolean } = {}): RowCounter {
  const map = { id: 1, schema: "a", table: "t", lengths: LENGTHS, jsonColumns: 1 };
  return new RowCounter(map, { tableId: 1, before: ALL, after: options.update ? ALL : null, columns: 4, length: 0 }, options.partial ?? false);
}

describe("counting rows", () => {
  it("finds every row, wherever the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), fc.boolean(), fc.array(fc.nat(5000), { maxLength: 10 }), (rows, update, cuts) => {
        const bytes = Buffer.concat(rows.flatMap((one) => (update ? [written(one), written(one)] : [written(one)])));
        const count = counter({ update });
        const places = [0, ...cuts.filter((cut) => cut <= bytes.length).sort((one, other) => one - other), bytes.length];
        for (const [index, from] of places.entries()) count.write(bytes.subarray(from, places[index + 1] ?? bytes.length));
        expect(count.rows).toBe(rows.length);
        expect(count.complete).toBe(true);
      }),
    );
  });

  it("reads the lead of images with partial documents", () => {
    const image = written([0, 3, 3, 3]);
    const count = counter({ update: true, partial: true });
    for (const byte of Buffer.concat([image, Buffer.from([1, 1]), image, image, Buffer.from([0]), image])) count.write(Buffer.from([byte]));
    expect([count.rows, count.complete]).toEqual([2, true]);
  });

  it("says so when the last row does not end with the event", () => {
    const count = counter();
    count.write(written([0, 3, 3, 3]).subarray(0, -1));
    expect(count.complete).toBe(false);
  });
});
