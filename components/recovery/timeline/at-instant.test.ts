import { expect, it } from "vitest";
import type { TimelineView } from "#lib/contract/views/timeline.ts";
import { atInstant, limitsOf, microsOf, millisOf } from "./at-instant.ts";

const at = (clock: string) => Date.parse(`2026-11-25T${clock}Z`);
const gap = { from: microsOf(at("06:00:00")), to: microsOf(at("08:00:00")), reason: "missing-files" as const, about: "binlog.000412" };
const view: TimelineView = {
  server: "shop",
  environment: "production",
  at: "2026-11-25T12:00:00.000Z",
  heardAt: null,
  events: [],
  points: [{ id: "a", kind: "full", at: "2026-11-25T02:00:00.000Z", level: "proven" }, { id: "b", kind: "full", at: "2026-11-25T05:00:00.000Z", level: "refused" }, { id: "c", kind: "full", at: "2026-11-25T08:00:00.000Z", level: "intact" }],
  recovery: {
    server: "shop", at: "2026-11-25T12:00:00.000Z", bandsLeftOut: 0, complete: false, archive: "streaming", lagBytes: 0, trouble: null, gaps: [gap],
    bands: [{ from: microsOf(at("02:00:00")), to: gap.from }, { from: gap.to, to: String(BigInt(microsOf(at("11:59:50"))) + 123n) }],
  },
};

it("tells the full to replay on, never a refused one", () => {
  expect(atInstant(view, at("05:30:00"))).toEqual({ kind: "reachable", base: view.points[0] });
  expect(atInstant(view, at("11:00:00"))).toEqual({ kind: "reachable", base: view.points[2] });
  expect(atInstant(view, at("02:00:00"))).toEqual({ kind: "point", base: view.points[0] });
});

it("offers what is possible around a gap", () => {
  expect(atInstant(view, at("07:00:00"))).toEqual({ kind: "unreachable", reason: "in-gap", gap, nearest: [at("06:00:00"), at("08:00:00")] });
});

it("offers the ends", () => {
  expect(atInstant(view, at("01:00:00"))).toMatchObject({ reason: "before-oldest", nearest: [at("02:00:00")] });
  expect(atInstant(view, at("11:59:55"))).toMatchObject({ reason: "after-last", nearest: [at("11:59:50")] });
  expect(atInstant(view, at("12:00:01"))).toMatchObject({ reason: "in-future", nearest: [at("11:59:50")] });
});

it("offers backups alone where nothing is archived", () => {
  expect(atInstant({ ...view, recovery: null }, at("07:00:00"))).toMatchObject({ reason: "no-archive", nearest: [at("02:00:00"), at("08:00:00")] });
});

it("spans all that is on it, to the present", () => {
  const { from, to } = limitsOf(view);
  expect(to).toBe(at("12:00:00"));
  expect(from).toBeLessThan(at("02:00:00"));
  expect(millisOf(microsOf(to))).toBe(to);
});
