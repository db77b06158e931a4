import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileNumber } from "#lib/domain/archive/session-plan.ts";
import { parseSegmentKey } from "#lib/domain/backup/storage-keys.ts";
import { readSegment } from "#worker/engines/binlog/read-segment.ts";
import type { LiveHost } from "#worker/testing/live-host.ts";

/** From when on everything up to a place was there, milliseconds since 1970. */
interface Reached {
  readonly at: number;
  readonly file: string;
  readonly position: number;
}

const LOOK_MS = 20;

/** Watches from outside what the archive has forced to disk (its status says so) and what a destination holds: the description of a file is written last. */
export class LagWatch {
  readonly #live: LiveHost;
  readonly #timer: NodeJS.Timeout;
  readonly #seen = new Set<string>();
  readonly local: Reached[] = [];
  readonly offsite: Reached[] = [];

  constructor(live: LiveHost) {
    this.#live = live;
    this.#look(0);
    this.#timer = setInterval(() => this.#look(Date.now()), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(at: number): void {
    const status = join(this.#live.host.folders.state, "archive-db.json");
    if (existsSync(status)) {
      const { local } = JSON.parse(readFileSync(status, "utf8")) as { local: { file: string; position: number } | null };
      const last = this.local.at(-1);
      if (local && (local.file !== last?.file || local.position !== last.position)) this.local.push({ at, ...local });
    }
    const root = join(this.#live.destination("one"), "db/binlog");
    if (!existsSync(root)) return;
    for (const path of readdirSync(root, { recursive: true }) as string[]) {
      if (this.#seen.has(path) || !path.endsWith(".json")) continue;
      this.#seen.add(path);
      const key = parseSegmentKey(`db/binlog/${path}`);
      if (key) this.offsite.push({ at, file: key.file, position: key.tailEnd ?? Number.POSITIVE_INFINITY });
    }
  }
}

/** Milliseconds from each commit, by the server's own stamp, to the first moment at which it was there. Throws when one never was. */
export async function lags(dataDir: string, reached: readonly Reached[], from: number, to: number): Promise<number[]> {
  const waits: number[] = [];
  const ordered = [...reached].sort((a, b) => a.at - b.at);
  for (const file of readdirSync(dataDir).filter((name) => /^binlog\.\d+$/.test(name)).sort()) {
    let next = 0;
    await readSegment(join(dataDir, file), {
      flavor: "mysql",
      onTransaction({ committedAt, end }) {
        const committed = Number(committedAt) / 1000;
        if (committed < from || committed > to) return;
        while (next < ordered.length && !covers(ordered[next] as Reached, file, end)) next += 1;
        const found = ordered[next];
        if (!found) throw new Error(`${file}:${end} never arrived`);
        waits.push(Math.max(0, found.at - committed));
      },
    });
  }
  return waits.sort((a, b) => a - b);
}

/** The value below which the share of sorted values lies. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function covers(reached: Reached, file: string, end: number): boolean {
  const [one, other] = [fileNumber(reached.file), fileNumber(file)];
  return one > other || (one === other && reached.position >= end);
}
