import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunEventBody } from "#lib/contract/events.ts";
import { Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import type { Clock } from "#lib/platform/clock.ts";
import { createLog } from "#lib/platform/log.ts";
import { journalPath, readJournal, RunJournal } from "./journal.ts";
import { conductRun, type RunContext, type RunEnd } from "./run-context.ts";

const RUN = "20261123T020000Z-4f9a1c";
const log = createLog({ name: "test", level: "silent" });
let folder: string;
/** Milliseconds; moved by the tests. */
let time: number;
const clock: Clock = { now: () => Date.parse("2026-11-23T02:00:00Z") + time, monotonic: () => time };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sg-run-"));
  time = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function conduct<T>(pipeline: (context: RunContext) => Promise<T>, signal = new AbortController().signal): Promise<{ end: RunEnd<T>; bodies: RunEventBody[] }> {
  const journal = new RunJournal({ folder, host: "db-1", runId: RUN, clock });
  const end = await conductRun({ journal, clock, log, signal }, { kind: "backup-full", trigger: "manual", server: "db", stages: ["one", "two"] }, pipeline);
  journal.close();
  const events = readJournal(journalPath(folder, RUN));
  expect(end.lastSeq).toBe(events.at(-1)?.seq);
  return { end, bodies: events.map((event) => event.body) };
}

describe("conductRun", () => {
  it("records start, stages with their durations, and the end", async () => {
    const { end, bodies } = await conduct(async (context) => {
      await context.stage("one", async () => {
        time += 1500;
      });
      return context.stage("two", async () => 42);
    });
    expect(end).toMatchObject({ outcome: "completed", seconds: 1.5, value: 42 });
    expect(bodies).toEqual([
      { type: "run-started", kind: "backup-full", trigger: "manual", server: "db", stages: ["one", "two"] },
      { type: "stage-started", stage: "one" },
      { type: "stage-finished", stage: "one", seconds: 1.5, ok: true },
      { type: "stage-started", stage: "two" },
      { type: "stage-finished", stage: "two", seconds: 0, ok: true },
      { type: "run-finished", outcome: "completed", seconds: 1.5 },
    ]);
  });

  it.each([["info", "completed"], ["warning", "warning"], ["error", "warning"]] as const)("a finding of severity %s makes it %s", async (severity, outcome) => {
    const { end } = await conduct(async (context) => context.finding(severity, faultRecord(new Fault("LOCK_TIMEOUT", { params: { seconds: 1 } }))));
    expect(end.outcome).toBe(outcome);
  });

  it("what came of it stands in its last event, also when it fails afterwards", async () => {
    const { bodies } = await conduct(async (context) => {
      context.result({ state: "began" });
      context.result({ state: "taken-back" });
      throw new Fault("DUMP_TRUNCATED");
    });
    expect(bodies.at(-1)).toMatchObject({ type: "run-finished", outcome: "failed", result: { state: "taken-back" } });
  });

  it("never throws: a fault stands in the end, an unknown error keeps its cause", async () => {
    const failed = await conduct((context) => context.stage("one", () => Promise.reject(new Fault("DUMP_TRUNCATED"))));
    expect(failed.end).toMatchObject({ outcome: "failed", fault: { code: "DUMP_TRUNCATED" } });
    expect(failed.bodies).toContainEqual({ type: "stage-finished", stage: "one", seconds: 0, ok: false });
    const unknown = await conduct(() => Promise.reject(new TypeError("x is not a function")));
    expect(unknown.end).toMatchObject({ outcome: "failed", fault: { code: "UNEXPECTED", params: { message: "x is not a function" }, detail: expect.stringContaining("TypeError") } });
  });

  it("a cancel is a cancel, whatever the broken pipeline threw, and no later stage begins", async () => {
    const stop = new AbortController();
    const second = vi.fn();
    const { end } = await conduct(async (context) => {
      await context.stage("one", async () => stop.abort());
      return context.stage("two", second);
    }, stop.signal);
    expect(end).toMatchObject({ outcome: "cancelled", fault: { code: "CANCELLED" } });
    expect(second).not.toHaveBeenCalled();
    const broken = await conduct(async () => {
      throw new Error("EPIPE");
    }, AbortSignal.abort());
    expect(broken.end).toMatchObject({ outcome: "cancelled", fault: { code: "CANCELLED" } });
  });

  it("lets one progress a second through, and the last one of a stage always", async () => {
    const { bodies } = await conduct((context) =>
      context.stage("one", async () => {
        for (let bytesDone = 1; bytesDone <= 25; bytesDone += 1) {
          context.progress({ stage: "one", bytesDone });
          time += 100;
        }
      }),
    );
    expect(bodies.flatMap((body) => (body.type === "progress" ? [body.progress.bytesDone] : []))).toEqual([1, 11, 21, 25]);
  });

  it("adds speed and time left, of each stage by itself", async () => {
    const { bodies } = await conduct(async (context) => {
      for (const [stage, size] of [["one", 1000], ["two", 10]] as const) {
        await context.stage(stage, async () => {
          for (let part = 0; part <= 5; part += 1) {
            context.progress({ stage, bytesDone: part * size, bytesTotal: 10 * size });
            time += 1000;
          }
        });
      }
    });
    const told = bodies.flatMap((body) => (body.type === "progress" ? [[body.progress.stage, body.progress.bytesPerSecond, body.progress.etaSeconds]] : []));
    const early = [undefined, undefined];
    expect(told).toEqual([["one", ...early], ["one", ...early], ["one", ...early], ["one", 1000, 7], ["one", 1000, 6], ["one", 1000, 5], ["two", ...early], ["two", ...early], ["two", ...early], ["two", 10, 7], ["two", 10, 6], ["two", 10, 5]]);
  });
});
