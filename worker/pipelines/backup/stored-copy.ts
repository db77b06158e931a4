import type { Artifact } from "#lib/contract/manifest/manifest.ts";
import type { WaitingFile } from "#lib/domain/backup/compression-level.ts";
import { StoringPace } from "#lib/domain/backup/storing-pace.ts";
import type { Clock } from "#lib/platform/clock.ts";
import { readBack } from "#worker/destinations/read-back.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { settledAll } from "./settled-all.ts";

/** While one file is being made durable, another is digested. */
const LANES_ON_DISK = 2;
/** Each byte is sent and read back. */
const PASSES = 2;

export interface CopyOptions {
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, "monotonic">;
  /** Key at the destination, and file in the spool. */
  place(artifact: Artifact): { readonly key: string; readonly path: string };
  /** Bytes sent or read back since the last call. */
  onBytes(bytes: number): void;
  /** What ended the storing before finish(), which tries it again. */
  onFailure(error: unknown): void;
}

/** One destination's copy of a set in the making. */
export class StoredCopy {
  readonly destination: Destination;
  readonly #options: CopyOptions;
  /** Sent: what stands there, or may. */
  readonly #begun = new Map<string, Artifact>();
  readonly #stored = new Set<string>();
  readonly #lanes = new Set<Promise<void>>();
  /** Given to it and not stored yet. `passed`: bytes sent and read back of it. */
  readonly #missing = new Map<string, { readonly bytes: number; readonly madeMs: number; readonly since: number; passed: number }>();
  readonly #pace = new StoringPace();
  #waiting: Artifact[] = [];
  #failed = false;

  constructor(destination: Destination, options: CopyOptions) {
    this.destination = destination;
    this.#options = options;
  }

  /** Begins to store it, or lets it wait for its turn. Failures are told to onFailure, and nothing more is stored before finish(). `madeMs`: how long it took to be made. */
  add(artifact: Artifact, madeMs: number): void {
    if (this.#failed) return;
    this.#waiting.push(artifact);
    const now = this.#options.clock.monotonic();
    this.#missing.set(artifact.name, { bytes: artifact.sealed.bytes, madeMs, since: now, passed: 0 });
    if (this.#lanes.size >= this.#width) return;
    this.#pace.begin(now);
    const lane = this.#lane()
      .catch((error: unknown) => {
        this.#waiting = [];
        // That it was told to stop says nothing of the destination.
        if (this.#failed || this.#options.signal.aborted) return;
        this.#failed = true;
        this.#options.onFailure(error);
      })
      .finally(() => {
        this.#lanes.delete(lane);
        if (this.#lanes.size === 0) this.#pace.end(this.#options.clock.monotonic());
      });
    this.#lanes.add(lane);
  }

  /** What was given to it and is not stored yet. A destination that failed has none: it is tried again at the end, whatever is made until then. */
  get waiting(): WaitingFile[] {
    if (this.#failed) return [];
    const now = this.#options.clock.monotonic();
    return [...this.#missing.values()].map(({ bytes, madeMs, since, passed }) => {
      const left = Math.max(0, bytes * PASSES - passed);
      return { bytes: left / PASSES, storeMs: this.#pace.timeFor(left, now), waitedMs: now - since, madeMs };
    });
  }

  /** Waits until all of these are stored and read back; begins with what is missing. Rejects with what ended it. */
  async finish(artifacts: readonly Artifact[]): Promise<void> {
    await Promise.all(this.#lanes);
    this.#waiting = artifacts.filter(({ name }) => !this.#stored.has(name));
    this.#failed = false;
    await settledAll(Array.from({ length: this.#width }, () => this.#lane()), () => this.#waiting.splice(0)).catch((error: unknown) => {
      this.#failed = !this.#options.signal.aborted;
      throw error;
    });
  }

  /** Removes what was sent, what was under way included. The signal must have been aborted. A destination that failed is not asked. */
  async discard(): Promise<void> {
    await Promise.all(this.#lanes);
    if (this.#failed) return;
    for (const artifact of this.#begun.values()) await this.destination.remove(this.#options.place(artifact).key);
  }

  get #width(): number {
    return this.destination.kind === "local" ? LANES_ON_DISK : 1;
  }

  async #lane(): Promise<void> {
    for (let artifact = this.#next(); artifact; artifact = this.#next()) await this.#store(artifact);
  }

  /** The greatest: what is stored beside the last one is then small. */
  #next(): Artifact | undefined {
    if (this.#waiting.length === 0) return undefined;
    const at = this.#waiting.reduce((best, { sealed }, index) => (sealed.bytes > (this.#waiting[best]?.sealed.bytes ?? 0) ? index : best), 0);
    return this.#waiting.splice(at, 1)[0];
  }

  async #store(artifact: Artifact): Promise<void> {
    const { signal, place } = this.#options;
    const { key, path } = place(artifact);
    const onBytes = (more: number): void => this.#passed(artifact.name, more);
    this.#begun.set(artifact.name, artifact);
    const stored = await this.destination.put(key, { kind: "file", path, bytes: artifact.sealed.bytes, sha256: artifact.sealed.sha256, final: true }, { signal, onBytes });
    if (stored.readBack) onBytes(artifact.sealed.bytes);
    else await readBack(this.destination, key, artifact.sealed, { signal, onBytes });
    this.#stored.add(artifact.name);
    this.#missing.delete(artifact.name);
  }

  #passed(name: string, more: number): void {
    const missing = this.#missing.get(name);
    if (missing) missing.passed += more;
    this.#pace.passed(more, this.#options.clock.monotonic());
    this.#options.onBytes(more);
  }
}
