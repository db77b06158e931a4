import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { ScheduleConfig } from "#lib/contract/config/desired-state.ts";
import { canonicalJson } from "#lib/contract/manifest/canonical.ts";
import { replaceFile } from "#worker/host/replace-file.ts";

const fireBook = z.object({
  v: z.literal(1),
  /** By name: what it fired by, and up to which instant (ms since 1970) its fires are settled. */
  schedules: z.record(z.string(), z.object({ timing: z.string(), settledUpTo: z.number() })),
  /** By server: gaps of its archive that were noticed up to here are settled, ms since 1970. */
  gaps: z.record(z.string(), z.number()),
});

/**
 * What this host has dealt with of its schedules, on its own disk: `schedules.json` in the state folder. Every change is durable before the call returns.
 * Losing it fires nothing twice, since a run's journal stands in the way; only what was missed before is no longer known.
 */
export class FireBook {
  readonly #path: string;
  #book: z.infer<typeof fireBook>;

  constructor(stateDir: string) {
    this.#path = join(stateDir, "schedules.json");
    this.#book = readBook(this.#path);
  }

  /** Up to where the fires of a schedule are settled. One that is new, or fires at other times or something else than before, begins now. */
  settledUpTo(schedule: ScheduleConfig, now: number): number {
    const known = this.#book.schedules[schedule.name];
    if (known?.timing === timingOf(schedule)) return known.settledUpTo;
    this.settle(schedule, now);
    return now;
  }

  settle(schedule: ScheduleConfig, upTo: number): void {
    this.#write({ ...this.#book, schedules: { ...this.#book.schedules, [schedule.name]: { timing: timingOf(schedule), settledUpTo: upTo } } });
  }

  /** Forgets schedules that are none any more or pause: what would have come meanwhile was not missed. */
  keepOnly(names: readonly string[]): void {
    const kept = Object.entries(this.#book.schedules).filter(([name]) => names.includes(name));
    if (kept.length < Object.keys(this.#book.schedules).length) this.#write({ ...this.#book, schedules: Object.fromEntries(kept) });
  }

  /** Up to where the gaps of a server's archive are settled; `first` for a server that was never looked at. */
  gapsUpTo(server: string, first: number): number {
    const known = this.#book.gaps[server];
    if (known === undefined) this.settleGaps(server, first);
    return known ?? first;
  }

  settleGaps(server: string, upTo: number): void {
    this.#write({ ...this.#book, gaps: { ...this.#book.gaps, [server]: upTo } });
  }

  #write(book: z.infer<typeof fireBook>): void {
    replaceFile(this.#path, `${JSON.stringify(book)}\n`);
    this.#book = book;
  }
}

function timingOf({ cron, timeZone, kind, policy }: ScheduleConfig): string {
  return canonicalJson({ cron, timeZone, kind, policy });
}

function readBook(path: string): z.infer<typeof fireBook> {
  try {
    return fireBook.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return { v: 1, schedules: {}, gaps: {} };
  }
}
