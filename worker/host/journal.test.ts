import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunEvent } from "#lib/contract/events.ts";
import { systemClock } from "#lib/platform/clock.ts";
import { journalPath, readJournal, RunJournal } from "./journal.ts";

const RUN = "20261123T020000Z-4f9a1c";
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sg-journal-"));
  path = journalPath(folder, RUN);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(listeners: ((event: RunEvent) => void)[] = []): RunJournal {
  return new RunJournal({ folder, host: "db-1", runId: RUN, clock: systemClock, listeners });
}

function write(texts: readonly string[]): void {
  const journal = open();
  for (const text of texts) journal.append({ type: "log", level: "info", text });
  journal.close();
}

const texts = (): string[] => readJournal(path).map(({ body }) => (body.type === "log" ? body.text : body.type));

describe("RunJournal", () => {
  it("numbers from 1 without holes, across openings, and tells listeners after the write", () => {
    const heard: number[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const journal = open([(event) => heard.push(event.seq, readJournal(path).length)]);
      journal.append({ type: "stage-started", stage: "dump" });
      journal.append({ type: "log", level: "info", text: "a\nb\u2028\0" });
      journal.close();
    }
    expect(readJournal(path).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(heard).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]);
  });

  it("killed at any byte: what was whole is kept, and the next event is not lost", () => {
    write(["one", "two", "three"]);
    const whole = readFileSync(path);
    fc.assert(
      fc.property(fc.nat({ max: whole.length }), (length) => {
        writeFileSync(path, whole.subarray(0, length));
        const kept = whole.subarray(0, length).toString().split("\n").length - 1;
        expect(readJournal(path).map(({ seq }) => seq)).toEqual([1, 2, 3].slice(0, kept));
        const journal = open();
        expect(journal.append({ type: "run-finished", outcome: "interrupted", seconds: 0 }).seq).toBe(kept + 1);
        journal.close();
        expect(texts()).toEqual([...["one", "two", "three"].slice(0, kept), "run-finished"]);
      }),
    );
  });

  it("a damaged line in the middle costs only itself", () => {
    write(["one"]);
    appendFileSync(path, "{rubbish}\n");
    write(["two"]);
    expect(texts()).toEqual(["one", "two"]);
  });

  it("an empty journal, and none at all", () => {
    expect(readJournal(path)).toEqual([]);
    write([]);
    truncateSync(path, 0);
    expect(readJournal(path)).toEqual([]);
  });

  it("is readable by its owner alone", () => {
    write(["one"]);
    expect(statSync(path).mode & 0o077).toBe(0);
  });
});
