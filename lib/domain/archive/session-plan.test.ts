import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fileNumber, isBehind, type LogFile, planSession, wasReset } from "./session-plan.ts";

const log = (number: number, bytes = 1000, stem = "binlog"): LogFile => ({ name: `${stem}.${String(number).padStart(6, "0")}`, bytes });

describe("where a session of the stream starts", () => {
  it("at the oldest file when nothing is here", () => {
    expect(planSession({ newest: null, newestClosed: false }, [log(3), log(4)])).toEqual({ kind: "stream", first: "binlog.000003", gap: null });
  });

  it("at the newest file that is here, as long as the server's is not shorter", () => {
    expect(planSession({ newest: log(4, 1000), newestClosed: false }, [log(3), log(4, 1000), log(5)])).toMatchObject({ kind: "stream", first: "binlog.000004", gap: null });
    expect(planSession({ newest: log(4, 1001), newestClosed: false }, [log(3), log(4, 1000), log(5)]).kind).toBe("other-history");
  });

  it("with a gap when that file was purged, unless it is known to be whole and the next one is there", () => {
    expect(planSession({ newest: log(4), newestClosed: false }, [log(5), log(6)])).toEqual({ kind: "stream", first: "binlog.000005", gap: { from: "binlog.000004", to: "binlog.000005" } });
    expect(planSession({ newest: log(4), newestClosed: true }, [log(5), log(6)])).toMatchObject({ first: "binlog.000005", gap: null });
    expect(planSession({ newest: log(4), newestClosed: true }, [log(6)])).toMatchObject({ first: "binlog.000006", gap: { from: "binlog.000004", to: "binlog.000006" } });
  });

  it("in another history when the server's numbers are lower, or its files are called otherwise", () => {
    expect(planSession({ newest: log(40), newestClosed: true }, [log(1), log(2)]).kind).toBe("other-history");
    expect(planSession({ newest: log(4), newestClosed: true }, [log(5, 1000, "mysql-bin")]).kind).toBe("other-history");
  });

  it("never leaves out a file silently", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 10 }), fc.boolean(), (held, oldest, count, newestClosed) => {
        const listed = Array.from({ length: count }, (_, at) => log(oldest + at));
        const plan = planSession({ newest: log(held), newestClosed }, listed);
        const gone = oldest + count - 1 < held;
        expect(plan.kind).toBe(gone ? "other-history" : "stream");
        if (plan.kind === "other-history") return;
        const first = fileNumber(plan.first);
        expect(plan.gap !== null).toBe(first > held + (newestClosed ? 1 : 0));
        expect(first).toBe(Math.max(held, oldest));
      }),
    );
  });
});

describe("a living stream", () => {
  it("is behind when the server writes another file or more than a closing note", () => {
    expect(isBehind({ file: "b.000002", position: 500 }, { name: "b.000002", bytes: 460 })).toBe(false);
    expect(isBehind({ file: "b.000002", position: 600 }, { name: "b.000002", bytes: 460 })).toBe(true);
    expect(isBehind({ file: "b.000003", position: 4 }, { name: "b.000002", bytes: 460 })).toBe(true);
    expect(isBehind({ file: "b.000001", position: 4 }, null)).toBe(true);
  });

  it("was left behind by a reset when the server is before it", () => {
    expect(wasReset({ file: "b.000001", position: 200 }, { name: "b.000002", bytes: 100 })).toBe(true);
    expect(wasReset({ file: "b.000002", position: 99 }, { name: "b.000002", bytes: 100 })).toBe(true);
    expect(wasReset({ file: "b.000002", position: 100 }, { name: "b.000002", bytes: 100 })).toBe(false);
    expect(wasReset({ file: "b.000001", position: 4 }, null)).toBe(false);
  });
});
