import { describe, expect, it } from "vitest";
import type { RunDetail, RunEventView } from "#lib/contract/views/run.ts";
import { currentStage, foldEvent, hasEnded, type LiveRun, LOG_LIMIT, openingView, shareDone } from "./journal.ts";

const EMPTY: LiveRun = { state: "queued", stages: [], progress: null, log: [], findings: [], fault: null, lastSeq: 0, lastEventAt: null };
const AT = "2026-11-23T02:00:00.000Z";
const event = (seq: number, body: RunEventView["body"]): RunEventView => ({ seq, at: AT, body });

const JOURNAL: RunEventView[] = [
  event(1, { type: "run-started", kind: "backup-full", trigger: "manual", stages: ["preflight", "dump"] }),
  event(2, { type: "stage-started", stage: "preflight" }),
  event(3, { type: "stage-finished", stage: "preflight", seconds: 1.5, ok: true }),
  event(4, { type: "stage-started", stage: "dump" }),
  event(5, { type: "progress", progress: { stage: "dump", bytesDone: 50, bytesTotal: 200 } }),
  event(6, { type: "log", level: "info", text: "viaggi" }),
];

it("follows stages, progress and log", () => {
  const view = JOURNAL.reduce(foldEvent, EMPTY);
  expect(view.state).toBe("running");
  expect(view.stages).toEqual([{ name: "preflight", startedAt: AT, seconds: 1.5, ok: true }, { name: "dump", startedAt: AT }]);
  expect(currentStage(view.stages)).toEqual({ index: 1, stage: { name: "dump", startedAt: AT } });
  expect(view.progress && shareDone(view.progress)).toBe(0.25);
  expect(view.log.map((line) => line.text)).toEqual(["viaggi"]);
});

it("changes nothing when the stream repeats itself after a reconnect", () => {
  const once = JOURNAL.reduce(foldEvent, EMPTY);
  expect(JOURNAL.reduce(foldEvent, once)).toBe(once);
});

it("ends with the outcome and its fault", () => {
  const fault = { code: "UNEXPECTED", params: {}, retryable: false };
  const view = [...JOURNAL, event(7, { type: "run-finished", outcome: "failed", seconds: 3, fault })].reduce(foldEvent, EMPTY);
  expect([view.state, view.fault, view.progress, hasEnded(view.state)]).toEqual(["failed", fault, null, true]);
});

describe("a page's first view", () => {
  /** The row as it was read, shortly before the events were. */
  const row = (facts: Partial<RunDetail>): RunDetail => ({ state: "queued", stages: [], progress: null, fault: null, lastSeq: 0, lastEventAt: null, ...facts }) as RunDetail;
  const running = row({ state: "running", stages: [{ name: "preflight", startedAt: AT, seconds: 1.5, ok: true }, { name: "dump" }], lastSeq: 3, lastEventAt: AT });

  it("runs when the run began after the row was read", () => {
    expect(openingView(row({}), JOURNAL)).toEqual(JOURNAL.reduce(foldEvent, EMPTY));
  });

  it("takes from the row what the row counts, and the rest from the events", () => {
    expect(openingView(running, JOURNAL)).toEqual(JOURNAL.reduce(foldEvent, EMPTY));
    expect(openingView({ ...running, lastSeq: 6, progress: { stage: "dump", bytesDone: 60 } }, JOURNAL)).toMatchObject({ progress: { bytesDone: 60 }, lastSeq: 6, log: [{ text: "viaggi" }] });
  });

  it("leaves an end that the row does not know to the stream", () => {
    const ended = [...JOURNAL, event(7, { type: "run-finished", outcome: "completed", seconds: 3 })];
    expect(openingView(running, ended)).toMatchObject({ state: "running", lastSeq: 6 });
    expect(openingView({ ...running, state: "completed", lastSeq: 7 }, ended)).toMatchObject({ state: "completed", lastSeq: 7 });
  });
});

it("keeps the newest lines only", () => {
  const many = Array.from({ length: LOG_LIMIT + 5 }, (_, index) => event(index + 1, { type: "log", level: "info", text: String(index) }));
  const view = many.reduce(foldEvent, EMPTY);
  expect([view.log.length, view.log[0]?.text]).toEqual([LOG_LIMIT, "5"]);
});

it("does not guess a share", () => {
  expect(shareDone({ stage: "dump", bytesDone: 50 })).toBeNull();
  expect(shareDone({ stage: "load", bytesDone: 0, rowsDone: 3, rowsTotal: 4 })).toBe(0.75);
  expect(shareDone({ stage: "verify", bytesDone: 0, itemsDone: 1, itemsTotal: 4 })).toBe(0.25);
  // every byte has come, two thirds of the tables have not
  expect(shareDone({ stage: "dump", bytesDone: 1e6, bytesTotal: 1e6, itemsDone: 1000, itemsTotal: 3000 })).toBeCloseTo(0.335, 2);
});
