import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BoundaryTarget, type PlacedTransaction, resolveBoundary } from "./resolve-boundary.ts";
import { fileName, second } from "./testing/archived-files.ts";

/** Ten transactions of 100 bytes, one a second from second 1, five in each file, the first at position 200. */
const LOG = Array.from({ length: 10 }, (_, index): PlacedTransaction => {
  const start = 200 + (index % 5) * 100;
  return { gtid: `u:${index + 1}`, committedAt: second(index + 1), file: fileName(index < 5 ? 1 : 2), start, end: start + 100 };
});
const CONTEXT = {
  bands: [{ from: second(0), to: second(10) }, { from: second(20), to: second(30) }],
  gaps: [{ from: second(10), to: second(20), reason: "missing-files", about: "binlog.000003" } as const],
  now: second(40),
  origin: { file: fileName(1), position: 200 },
};
const resolve = (target: BoundaryTarget, log: readonly PlacedTransaction[] = LOG) => resolveBoundary(target, log, CONTEXT);
const excluded = async (target: BoundaryTarget): Promise<unknown> => {
  const result = await resolve(target);
  return result.ok ? [result.boundary.lastIncluded?.gtid ?? null, result.boundary.firstExcluded?.gtid ?? null, result.boundary.stop] : result;
};

describe("a boundary", () => {
  it.each<[BoundaryTarget, unknown]>([
    [{ kind: "latest" }, ["u:10", null, { file: fileName(2), position: 700 }]],
    [{ kind: "time", at: second(4) }, ["u:4", "u:5", { file: fileName(1), position: 600 }]],
    [{ kind: "time", at: String(4_999_999) }, ["u:4", "u:5", { file: fileName(1), position: 600 }]],
    [{ kind: "time", at: second(5) }, ["u:5", "u:6", { file: fileName(2), position: 200 }]],
    [{ kind: "time", at: second(0) }, [null, "u:1", { file: fileName(1), position: 200 }]],
    [{ kind: "time", at: second(10) }, ["u:10", null, { file: fileName(2), position: 700 }]],
    [{ kind: "before-gtid", gtid: " U:5 " }, ["u:4", "u:5", { file: fileName(1), position: 600 }]],
    [{ kind: "before-gtid", gtid: "u:1" }, [null, "u:1", { file: fileName(1), position: 200 }]],
    [{ kind: "after-gtid", gtid: "u:5" }, ["u:5", "u:6", { file: fileName(2), position: 200 }]],
    [{ kind: "after-gtid", gtid: "u:10" }, ["u:10", null, { file: fileName(2), position: 700 }]],
    [{ kind: "position", file: fileName(1), position: 300 }, ["u:1", "u:2", { file: fileName(1), position: 300 }]],
    [{ kind: "position", file: fileName(1), position: 700 }, ["u:5", "u:6", { file: fileName(2), position: 200 }]],
    [{ kind: "position", file: fileName(2), position: 4 }, ["u:5", "u:6", { file: fileName(2), position: 200 }]],
    [{ kind: "position", file: fileName(2), position: 700 }, ["u:10", null, { file: fileName(2), position: 700 }]],
    [{ kind: "before-transaction", file: fileName(2), start: 300 }, ["u:6", "u:7", { file: fileName(2), position: 300 }]],
  ])("%o", async (target, expected) => expect(await excluded(target)).toEqual(expected));

  it.each<[BoundaryTarget, unknown]>([
    [{ kind: "time", at: second(15) }, { reason: "in-gap", before: second(10), after: second(20), gap: CONTEXT.gaps[0] }],
    [{ kind: "time", at: second(35) }, { reason: "after-last", before: second(30), after: null }],
    [{ kind: "time", at: second(41) }, { reason: "in-future", before: second(30) }],
    [{ kind: "before-gtid", gtid: "u:11" }, { reason: "unknown", nearest: [{ file: fileName(2), position: 700 }] }],
    [{ kind: "position", file: fileName(1), position: 250 }, { reason: "inside-transaction", nearest: [{ file: fileName(1), position: 200 }, { file: fileName(1), position: 300 }] }],
    [{ kind: "position", file: fileName(1), position: 9000 }, { reason: "unknown", nearest: [{ file: fileName(1), position: 700 }] }],
    [{ kind: "position", file: fileName(1), position: 120 }, { reason: "unknown", nearest: [{ file: fileName(1), position: 200 }] }],
    [{ kind: "position", file: fileName(9), position: 200 }, { reason: "unknown", nearest: [] }],
    [{ kind: "before-transaction", file: fileName(1), start: 250 }, { reason: "unknown" }],
  ])("refuses %o", async (target, expected) => expect(await resolve(target)).toMatchObject({ ok: false, ...(expected as object) }));

  it("refuses what lies before the oldest point", async () => {
    const result = await resolveBoundary({ kind: "time", at: second(1) }, LOG, { ...CONTEXT, bands: [{ from: second(5), to: second(10) }] });
    expect(result).toMatchObject({ ok: false, reason: "before-oldest", before: null, after: second(5) });
  });

  it("takes the order of the log, not the order of the clock, and counts what a clock set back hides", async () => {
    const times = [1, 2, 9, 3, 4, 10];
    const log = times.map((at, index): PlacedTransaction => ({ ...(LOG[index] as PlacedTransaction), committedAt: second(at) }));
    const result = await resolve({ kind: "time", at: second(5) }, log);
    expect(result).toMatchObject({ ok: true, boundary: { lastIncluded: { gtid: "u:2" }, firstExcluded: { gtid: "u:3" }, excludedEarlier: 2 } });
  });

  it("includes every transaction before the first that was committed later, and none behind it", async () => {
    const clock = fc.array(fc.integer({ min: 0, max: 10 }), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(clock, fc.integer({ min: 0, max: 10 }), async (times, at) => {
        const log = times.map((time, index): PlacedTransaction => ({ ...(LOG[index] as PlacedTransaction), committedAt: second(time) }));
        const result = await resolve({ kind: "time", at: second(at) }, log);
        const cut = times.findIndex((time) => time > at);
        const count = cut === -1 ? times.length : cut;
        expect(result.ok && result.boundary.lastIncluded).toEqual(log[count - 1] ?? null);
        expect(result.ok && result.boundary.firstExcluded).toEqual(log[count] ?? null);
      }),
    );
  });
});
