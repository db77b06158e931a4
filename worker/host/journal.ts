import { closeSync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type RunEvent, type RunEventBody, runEvent } from "#lib/contract/events.ts";
import type { Clock } from "#lib/platform/clock.ts";

/** Hears each event right after it was written; must not throw. */
export type EventListener = (event: RunEvent) => void;

/**
 * The record of one run on the worker's own disk: one event a line, appended, flushed to disk at every change of stage.
 * It is the truth about the run; console and queue get copies.
 */
export class RunJournal {
  readonly runId: string;
  readonly path: string;
  readonly #host: string;
  readonly #clock: Clock;
  readonly #listeners: EventListener[];
  readonly #file: number;
  #seq: number;

  constructor(options: { folder: string; host: string; runId: string; clock: Clock; listeners?: EventListener[] }) {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    this.runId = options.runId;
    this.path = journalPath(options.folder, options.runId);
    this.#host = options.host;
    this.#clock = options.clock;
    this.#listeners = options.listeners ?? [];
    this.#file = openSync(this.path, "a", 0o600);
    cutTornLine(this.path, this.#file);
    this.#seq = lastSeq(this.path);
  }

  /** Sequence number of the last event written. */
  get lastSeq(): number {
    return this.#seq;
  }

  append(body: RunEventBody): RunEvent {
    const event: RunEvent = {
      v: 1,
      host: this.#host,
      runId: this.runId,
      seq: this.#seq + 1,
      at: new Date(this.#clock.now()).toISOString(),
      body,
    };
    this.#write(`${JSON.stringify(event)}\n`);
    this.#seq = event.seq;
    if (body.type !== "progress" && body.type !== "log") fsyncSync(this.#file);
    for (const listener of this.#listeners) listener(event);
    return event;
  }

  close(): void {
    fsyncSync(this.#file);
    closeSync(this.#file);
  }

  /** The whole line or nothing: half a line (full disk) would swallow the one after it. */
  #write(line: string): void {
    const before = fstatSync(this.#file).size;
    const bytes = Buffer.from(line);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      ftruncateSync(this.#file, before);
      throw error;
    }
  }
}

export function journalPath(folder: string, runId: string): string {
  return join(folder, `${runId}.jsonl`);
}

/** The events of a journal in order. Only a line that ends with its newline counts: the last one may be torn (crash while writing). */
export function readJournal(path: string): RunEvent[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const events: RunEvent[] = [];
  for (const line of text.split("\n").slice(0, -1)) {
    try {
      events.push(runEvent.parse(JSON.parse(line)));
    } catch {
      // Damaged by something else than us; the others still count.
    }
  }
  return events;
}

/** What a writer that died left of its last line goes, or the next event would be glued to it and lost. */
function cutTornLine(path: string, file: number): void {
  const bytes = readFileSync(path);
  const whole = bytes.lastIndexOf(10) + 1;
  if (whole < bytes.length) ftruncateSync(file, whole);
}

function lastSeq(path: string): number {
  return readJournal(path).at(-1)?.seq ?? 0;
}
