import { statSync } from "node:fs";
import { join } from "node:path";
import type { BinlogPlace } from "#lib/contract/archive/status.ts";
import { isBehind, type LogFile } from "#lib/domain/archive/session-plan.ts";
import { comesInSmallPieces } from "#lib/domain/archive/stream-bursts.ts";
import type { BinlogStream } from "#worker/engines/binlog/stream.ts";
import { pause } from "./server-archive.ts";

/** So long is waited for what the server has, ms; a stream that needs longer is behind, and is not halted. */
const ARRIVAL_MS = 500;
const STEP_MS = 10;

/**
 * Lets a busy server's stream run in bursts, one for each look (decision 54): halted in between, so that server and program hand over large pieces a few times a second instead of
 * waking each other for each commit. A look forces to disk what has come, so nothing is safe later than it would be.
 */
export class StreamBursts {
  readonly #stream: Pick<BinlogStream, "halt" | "resume">;
  readonly #folder: string;
  #wanted = false;

  /** `folder`: of the session that the stream writes into. */
  constructor(stream: Pick<BinlogStream, "halt" | "resume">, folder: string) {
    this.#stream = stream;
    this.#folder = folder;
  }

  /** A look begins; says whether {@link arrived} has to be told where the server is. */
  begin(): boolean {
    this.#stream.resume();
    return this.#wanted;
  }

  /** Waits until all that the server had at this place is here, where that decides whether the stream is halted afterwards. Says whether it is. */
  async arrived(place: BinlogPlace | null, signal: AbortSignal, over: () => boolean): Promise<boolean> {
    if (!this.#wanted || !place) return false;
    for (let waited = 0; !over() && !signal.aborted; waited += STEP_MS) {
      const found = statSync(join(this.#folder, place.file), { throwIfNoEntry: false });
      if (found && !isBehind(place, { name: place.file, bytes: found.size })) return true;
      if (waited >= ARRIVAL_MS) return false;
      await pause(signal, STEP_MS);
    }
    return false;
  }

  /** The look is over: `before` and `now` are the newest file at the last one and at this one. A stream that has not `arrived` runs on. */
  end(before: LogFile | null, now: LogFile | null, arrived: boolean): void {
    this.#wanted = comesInSmallPieces(before, now);
    if (this.#wanted && arrived) this.#stream.halt();
  }
}
