import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RunEvent, RunEventBody } from "#lib/contract/events.ts";
import { foldEvent, type RunFacts } from "./fold-event.ts";

const START = Date.parse("2026-11-23T02:00:00.000Z");
const QUEUED: RunFacts = {
  kind: "preflight", state: "queued", trigger: "cli", serverName: null, policyName: null, setId: null, requestedBy: null, cause: null, queuedAt: new Date(START + 60_000), startedAt: null,
  finishedAt: null, lastEventAt: null, lastSeq: 0, finishSeq: null, stages: [], progress: null, progressSeq: 0, fault: null, bytes: null, result: null,
};

const bodies: RunEventBody[] = [
  { type: "run-started", kind: "backup-full", trigger: "schedule", server: "gestionelogistica", policy: "daily", cause: { type: "schedule", schedule: "night", dueAt: "2026-11-23T01:58:00.000Z", timeZone: "Europe/Rome", late: false }, stages: ["preflight", "dump", "store"] },
  { type: "stage-started", stage: "preflight" },
  { type: "stage-finished", stage: "preflight", seconds: 1, ok: true },
  { type: "stage-started", stage: "dump" },
  { type: "progress", progress: { stage: "dump", bytesDone: 100 } },
  { type: "log", level: "info", text: "half way" },
  { type: "progress", progress: { stage: "dump", bytesDone: 200 } },
  { type: "stage-finished", stage: "dump", seconds: 4, ok: false },
  { type: "run-finished", outcome: "failed", seconds: 8, fault: { code: "DUMP_FAILED", params: {}, retryable: true } },
];
const events: RunEvent[] = bodies.map((body, index) => ({ v: 1, host: "db-host-1", runId: "20261123T020000Z-4f9a1c", seq: index + 1, at: new Date(START + index * 1000).toISOString(), body }));

describe("folding events", () => {
  test("in order", () => {
    const facts = events.reduce(foldEvent, QUEUED);
    expect(facts).toMatchObject({ state: "failed", kind: "backup-full", serverName: "gestionelogistica", queuedAt: new Date("2026-11-23T01:58:00.000Z"), cause: { schedule: "night" }, lastSeq: 9, finishSeq: 9, fault: { code: "DUMP_FAILED" }, progress: { bytesDone: 200 } });
    expect(facts.stages).toEqual([
      { name: "preflight", startedAt: "2026-11-23T02:00:01.000Z", seconds: 1, ok: true },
      { name: "dump", startedAt: "2026-11-23T02:00:03.000Z", seconds: 4, ok: false },
      { name: "store" },
    ]);
  });

  test("in any order the same, whatever part has come", () => {
    const part = fc.subarray(events, { minLength: 1 });
    fc.assert(
      fc.property(part.chain((some) => fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length }))), ([ordered, shuffled]) => {
        const names = (facts: RunFacts) => ({ ...facts, stages: facts.stages.toSorted((a, b) => a.name.localeCompare(b.name)) });
        expect(names(shuffled.reduce(foldEvent, QUEUED))).toEqual(names(ordered.reduce(foldEvent, QUEUED)));
      }),
    );
  });

  test("a sign of life corrects what only we thought", () => {
    const started = events.slice(0, 3).reduce(foldEvent, QUEUED);
    const given: RunFacts = { ...started, state: "interrupted", finishedAt: new Date(), fault: { code: "INTERRUPTED", params: {}, retryable: false } };
    const [next] = events.slice(3);
    expect(next && foldEvent(given, next)).toMatchObject({ state: "running", finishedAt: null, fault: null });
  });

  test("a late line does not revive a run that ended", () => {
    const ended = events.filter((event) => event.seq !== 6).reduce(foldEvent, QUEUED);
    const late = events[5];
    expect(late && foldEvent(ended, late)).toMatchObject({ state: "failed", finishSeq: 9, lastSeq: 9 });
  });
});
