import type { Compression } from "#lib/contract/config/policy.ts";
import { levelAt, nextStep } from "#lib/domain/backup/compression-level.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { FileCompression } from "#worker/streams/compression.ts";
import type { SetStore } from "./set-store.ts";

/**
 * At which level each file of a set is compressed: as the policy says, or, where it says `auto`, by how far the slowest destination is behind when the file begins. A frame keeps
 * the level that it began with. The run is told every change.
 */
export class FileLevels {
  readonly files: FileCompression;
  readonly #context: Pick<RunContext, "clock" | "log">;
  readonly #store: Pick<SetStore, "slowest">;
  readonly #codec: Compression["codec"];
  /** Files in the making: since when, and how many changes there were before. */
  readonly #begun = new Map<string, { readonly at: number; readonly changes: number }>();
  #step = 0;
  #changes = 0;
  /** A file that began after the last change is whole: what waits by now shows what that change did. */
  #shown = true;

  constructor(context: Pick<RunContext, "clock" | "log">, { codec, level }: Compression, store: Pick<SetStore, "slowest">) {
    this.#context = context;
    this.#store = store;
    this.#codec = codec;
    this.files = { codec, level: level === "auto" ? (file) => this.#begin(file) : level };
  }

  /** A file is sealed: how long it took, ms; 0 where that is of no meaning. */
  made(file: string): number {
    const begun = this.#begun.get(file);
    if (!begun) return 0;
    this.#begun.delete(file);
    if (begun.changes === this.#changes) this.#shown = true;
    return this.#context.clock.monotonic() - begun.at;
  }

  #begin(file: string): number {
    if (this.#shown) this.#look();
    this.#begun.set(file, { at: this.#context.clock.monotonic(), changes: this.#changes });
    return levelAt(this.#codec, this.#step);
  }

  #look(): void {
    const { destination, rounds } = this.#store.slowest;
    const step = nextStep(this.#step, rounds);
    if (step === this.#step) return;
    const why = step > this.#step ? `${destination} stores more slowly than files are made` : "destinations keep up with what is made";
    this.#context.log("info", `${why}: from here on level ${levelAt(this.#codec, step)}`);
    this.#step = step;
    this.#changes += 1;
    this.#shown = false;
  }
}
