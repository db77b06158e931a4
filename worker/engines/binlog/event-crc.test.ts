import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crcOf } from "./event-crc.ts";

describe("checksums of events", () => {
  it("are zlib's, wherever and however long the bytes are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(600), fc.nat(600), (array, one, other) => {
        const bytes = Buffer.from(array);
        const [from, to] = [Math.min(one, other, bytes.length), Math.min(Math.max(one, other), bytes.length)];
        expect(crcOf(bytes, from, to)).toBe(crc32(bytes.subarray(from, to)));
      }),
      { numRuns: 500 },
    );
  });
});
