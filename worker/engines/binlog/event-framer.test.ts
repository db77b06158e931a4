import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventFramer, type EventPiece, WHOLE_BYTES } from "./event-framer.ts";
import { EVENT } from "./event-types.ts";

/** An event as a server writes it at a position, with its checksum. */
function event(type: number, position: number, body: Buffer): Buffer {
  const bytes = Buffer.alloc(19 + body.length + 4);
  bytes[4] = type;
  bytes.writeUInt32LE(bytes.length, 9);
  bytes.writeUInt32LE((position + bytes.length) % 2 ** 32, 13);
  body.copy(bytes, 19);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

/** A file of events with bodies of these lengths, behind the description that says that events have checksums. */
function file(lengths: readonly number[]): { bytes: Buffer; bodies: Buffer[] } {
  const description = Buffer.alloc(98);
  description[97] = 1;
  const parts = [event(EVENT.formatDescription, 4, description)];
  const bodies = lengths.map((length, index) => Buffer.alloc(length, index + 1));
  let position = 4 + (parts[0] as Buffer).length;
  for (const body of bodies) {
    const next = event(EVENT.xid, position, body);
    parts.push(next);
    position += next.length;
  }
  return { bytes: Buffer.concat(parts), bodies };
}

/** What lies between these places, up to the end. */
function stretches(length: number, cuts: readonly number[]): [from: number, to: number][] {
  const places = [0, ...cuts.toSorted((one, other) => one - other)];
  return places.map((from, index) => [from, places[index + 1] ?? length]);
}

function read(bytes: Buffer, cuts: readonly number[]): { pieces: EventPiece[]; framer: EventFramer } {
  const framer = new EventFramer({ file: "binlog.000001", inner: false });
  const pieces: EventPiece[] = [];
  for (const [from, to] of stretches(bytes.length, cuts)) {
    framer.push(bytes.subarray(from, to));
    for (let piece = framer.next(); piece; piece = framer.next()) pieces.push(piece);
  }
  return { pieces, framer };
}

const LENGTHS = fc.array(fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: WHOLE_BYTES - 30, max: WHOLE_BYTES + 30 }), fc.constant(200_000)), { maxLength: 5 });

describe("cutting a binary log into events", () => {
  it("gives the bodies whole and in order, wherever the bytes are cut", () => {
    const input = LENGTHS.map(file).chain((made) => fc.tuple(fc.constant(made), fc.array(fc.integer({ min: 0, max: made.bytes.length }), { maxLength: 12 })));
    fc.assert(
      fc.property(input, ([{ bytes, bodies }, cuts]) => {
        const { pieces, framer } = read(bytes, cuts);
        const joined: Buffer[][] = [];
        for (const { first, body } of pieces) {
          if (first) joined.push([]);
          joined.at(-1)?.push(body);
        }
        expect(joined.slice(1).map((parts) => Buffer.concat(parts).equals(bodies[joined.indexOf(parts) - 1] as Buffer))).toEqual(bodies.map(() => true));
        expect(pieces.filter(({ last }) => last)).toHaveLength(bodies.length + 1);
        expect(framer.position).toBe(4 + bytes.length);
        expect(framer.unfinished).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it("gives the same when it is read into room that it lends again and again", () => {
    const input = LENGTHS.map(file).chain((made) => fc.tuple(fc.constant(made), fc.array(fc.integer({ min: 0, max: made.bytes.length }), { maxLength: 12 })));
    fc.assert(
      fc.property(input, ([{ bytes, bodies }, cuts]) => {
        const framer = new EventFramer({ file: "binlog.000001", inner: false });
        const whole: Buffer[] = [];
        let parts: Buffer[] = [];
        for (const [from, to] of stretches(bytes.length, cuts)) {
          framer.filled(bytes.copy(framer.room(), 0, from, to));
          for (let piece = framer.next(); piece; piece = framer.next()) {
            // What comes as a whole is used at once; pieces are kept until the last one is here.
            parts.push(piece.first && piece.last ? Buffer.from(piece.body) : piece.body);
            if (!piece.last) continue;
            whole.push(Buffer.concat(parts));
            parts = [];
          }
        }
        expect(whole.slice(1).map((body, index) => body.equals(bodies[index] as Buffer))).toEqual(bodies.map(() => true));
        expect(framer.position).toBe(4 + bytes.length);
        expect(framer.unfinished).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it("holds no more of a large event than what came at once", () => {
    const { bytes } = file([3_000_000]);
    const cuts = Array.from({ length: Math.floor(bytes.length / 50_000) }, (_, index) => (index + 1) * 50_000);
    expect(Math.max(...read(bytes, cuts).pieces.map(({ body }) => body.length))).toBeLessThan(2 * WHOLE_BYTES);
  });

  it("finds a flipped bit in an event that came in pieces", () => {
    const { bytes } = file([200_000]);
    for (const at of [150, 70_000, bytes.length - 5, bytes.length - 1]) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] as number) ^ 4;
      expect(() => read(damaged, [100_000])).toThrow(expect.objectContaining({ code: "BINLOG_DAMAGED" }));
    }
  });

  it("tells a damaged length from a tail that is missing", () => {
    const { bytes } = file([50]);
    const longer = Buffer.from(bytes);
    longer.writeUInt32LE(5000, bytes.length - 73 + 9);
    expect(() => read(longer, [])).toThrow(expect.objectContaining({ code: "BINLOG_DAMAGED" }));
    const { framer } = read(bytes.subarray(0, -1), []);
    expect(framer.position).toBe(4 + bytes.length - 73);
    expect(framer.unfinished).toBe(true);
  });
});
