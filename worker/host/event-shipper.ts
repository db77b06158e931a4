import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Redis } from "ioredis";
import type { RunEvent } from "#lib/contract/events.ts";
import { CHANNELS } from "#lib/contract/pairing.ts";
import type { Logger } from "#lib/platform/log.ts";
import { type SigningKey, signEvent } from "#lib/platform/signing.ts";
import { journalPath, readJournal } from "./journal.ts";
import { readNumbers, replaceFile } from "./replace-file.ts";

/** Entries kept in the stream; the controller reads within seconds, after an absence it finds this much. Journals hold the rest. */
const STREAM_LENGTH = 200_000;
const BATCH = 500;

/**
 * Sends journals to the console's stream, each event once and in order, whatever is down in between: what was sent is remembered on disk, and
 * after an absence of Redis the journals are read again from there. Runs of the command line write their journals in the same folder and are sent too.
 * At-least-once: the receiver tells events apart by (run, seq).
 */
export class EventShipper {
  readonly #redis: Redis;
  readonly #folder: string;
  readonly #key: SigningKey;
  readonly #log: Logger;
  readonly #shipped: Map<string, number>;
  readonly #dirty = new Set<string>();
  /** Runs that had an owner at the last look. */
  #owned: readonly string[] = [];
  #folderSeenAt = Number.NaN;
  #working: Promise<void> | undefined;

  constructor(options: { redis: Redis; folder: string; key: SigningKey; log: Logger }) {
    this.#redis = options.redis;
    this.#folder = options.folder;
    this.#key = options.key;
    this.#log = options.log;
    this.#shipped = readNumbers(this.#marksPath);
    for (const runId of journalIds(this.#folder)) this.#dirty.add(runId);
  }

  /** A run has news. Sending happens behind the caller's back; failures are tried again at the next call or {@link flush}. */
  offer(event: RunEvent): void {
    this.#dirty.add(event.runId);
    void this.flush();
  }

  /** Sends everything that is not sent yet, as far as Redis answers. Never rejects. */
  flush(): Promise<void> {
    this.#working ??= this.#ship()
      .catch((error: unknown) => this.#log.debug({ err: error }, "events wait for the queue"))
      .finally(() => {
        this.#working = undefined;
      });
    return this.#working;
  }

  get #marksPath(): string {
    return join(this.#folder, "shipped.json");
  }

  /** Runs that other processes of this host conduct: new ones, and what is new in those that work, or worked at the last look. */
  #noticeOthers(): void {
    const { mtimeMs } = statSync(this.#folder);
    for (const runId of this.#owned) this.#dirty.add(runId);
    if (mtimeMs === this.#folderSeenAt) return;
    this.#folderSeenAt = mtimeMs;
    const names = readdirSync(this.#folder);
    this.#owned = names.flatMap((name) => (name.endsWith(".owner") ? [name.slice(0, -".owner".length)] : []));
    for (const runId of journalsAmong(names)) if (!this.#shipped.has(runId)) this.#dirty.add(runId);
  }

  async #ship(): Promise<void> {
    this.#noticeOthers();
    while (this.#dirty.size > 0 && this.#redis.status === "ready") {
      for (const runId of [...this.#dirty]) {
        this.#dirty.delete(runId);
        try {
          await this.#shipRun(runId);
        } catch (error) {
          this.#dirty.add(runId);
          throw error;
        }
      }
    }
  }

  async #shipRun(runId: string): Promise<void> {
    const from = this.#shipped.get(runId) ?? 0;
    const events = readJournal(journalPath(this.#folder, runId)).filter((event) => event.seq > from);
    for (let at = 0; at < events.length; at += BATCH) {
      const batch = events.slice(at, at + BATCH);
      const pipeline = this.#redis.pipeline();
      for (const event of batch) pipeline.xadd(CHANNELS.events, "MAXLEN", "~", STREAM_LENGTH, "*", "e", JSON.stringify(signEvent(this.#key, event)));
      const results = (await pipeline.exec()) ?? [];
      const failed = results.find(([error]) => error !== null);
      if (failed?.[0]) throw failed[0];
      this.#shipped.set(runId, batch.at(-1)?.seq ?? from);
    }
    if (events.length > 0) replaceFile(this.#marksPath, JSON.stringify(Object.fromEntries(this.#shipped)));
  }
}

/** Ids of all runs with a journal in the folder. */
export function journalIds(folder: string): string[] {
  return journalsAmong(readdirSync(folder));
}

function journalsAmong(names: readonly string[]): string[] {
  return names.flatMap((name) => (name.endsWith(".jsonl") ? [name.slice(0, -".jsonl".length)] : []));
}
