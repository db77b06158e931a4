import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SectionScanner } from "./section-scanner.ts";

interface Seen {
  readonly heads: string[];
  readonly bytes: Buffer;
}

/** Feeds the pieces; wanted are lines that begin with I, or with W. */
function scan(pieces: readonly Buffer[]): Seen {
  const heads: string[] = [];
  const bytes: Buffer[] = [];
  const scanner = new SectionScanner({
    line(head) {
      heads.push(head.toString("latin1"));
      return head[0] === 73 || head[0] === 87;
    },
    bytes: (piece) => void bytes.push(Buffer.from(piece)),
  });
  for (const piece of pieces) scanner.write(piece);
  scanner.end();
  return { heads, bytes: Buffer.concat(bytes) };
}

/** What the scanner promises, said the slow way. */
function expected(input: Buffer): Seen {
  const lines = input.toString("latin1").split(/(?<=\n)/);
  return {
    heads: lines.filter((line) => line !== "").map((line) => line.replace(/\n$/, "").slice(0, 640)),
    bytes: Buffer.from(lines.filter((line) => /^[IW]/.test(line)).join(""), "latin1"),
  };
}

function cut(input: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (input.length + 1)).sort((a, b) => a - b), input.length];
  return at.slice(1).map((end, index) => input.subarray(at[index], end));
}

const line = fc.tuple(fc.constantFrom("I", "W", "-- ", "", "X"), fc.oneof(fc.nat({ max: 12 }), fc.integer({ min: 630, max: 650 }), fc.nat({ max: 3000 })), fc.constantFrom("a", "I", "-", "\0", "\xff")).map(([start, length, fill]) => start + fill.repeat(length));

describe("SectionScanner", () => {
  it("sees the same lines and gives the same bytes however the input is cut", () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.boolean(), fc.array(fc.nat(), { maxLength: 30 }), (lines, ended, places) => {
        const input = Buffer.from(lines.join("\n") + (ended ? "\n" : ""), "latin1");
        const seen = scan(cut(input, places));
        expect(seen).toEqual(expected(input));
      }),
      { numRuns: 250 },
    );
  });

  it("also byte by byte, around the length of a head", () => {
    for (const length of [0, 1, 638, 639, 640, 641, 1280]) {
      const input = Buffer.from(`I${"x".repeat(length)}\n--\nI1\n`);
      expect(scan(Array.from(input, (byte) => Buffer.from([byte]))), String(length)).toEqual(expected(input));
    }
  });

  it("holds nothing of a line of 400 MB but its head", () => {
    const chunk = Buffer.alloc(64 * 1024, "x");
    let bytes = 0;
    const scanner = new SectionScanner({ line: () => true, bytes: (piece) => {
      bytes += piece.length;
    } });
    scanner.write(Buffer.from("INSERT INTO `t` VALUES ('"));
    const before = process.memoryUsage();
    for (let n = 0; n < 6400; n += 1) scanner.write(chunk);
    const after = process.memoryUsage();
    scanner.write(Buffer.from("');\n"));
    scanner.end();
    expect(bytes).toBe(25 + 6400 * chunk.length + 4);
    expect(scanner.lines).toBe(1);
    expect(after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed).toBeLessThan(32 * 1024 * 1024);
  });
});
