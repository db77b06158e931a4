import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Artifact } from "#lib/contract/manifest/manifest.ts";
import { balanceFiles, PART_BYTES, partCount, type SizedFile } from "#lib/domain/backup/balance-files.ts";
import { abortFault } from "#worker/exec/run.ts";
import type { DataFiles } from "./data-files.ts";
import { type PackJob, packFiles } from "./pack-files.ts";
import { removeInSteps } from "./remove-in-steps.ts";
import { type RestingFile, restingFiles, stillResting } from "./resting-files.ts";

export interface PackerJob extends Omit<PackJob, "part" | "files" | "folders"> {
  /** Parts that are made at a time. */
  readonly lanes: number;
  /** Told each part that is whole and will stay, while others are still made. */
  readonly onSealed?: ((artifact: Artifact) => void) | undefined;
  /** Packed files are removed in small steps: others wait for the disk. */
  readonly slowly?: boolean | undefined;
  /** Shorter files are not packed ahead, and no part of less is made ahead. Default 64 MiB. */
  readonly aheadBytes?: number | undefined;
  /** What a part made ahead holds, unless one file is larger. Default 256 MiB. */
  readonly partBytes?: number | undefined;
}

/** Is this file, of the directory that is being made, likely to stay as it is? */
export type LikelyDone = (path: string) => Promise<boolean>;

const AHEAD_BYTES = 64 * 1024 * 1024;
const LOOK_EVERY_MS = 100;
/** With many thousands of tables a look costs something: no more than so small a share of the time. */
const LOOK_SHARE = 1 / 20;

interface Part {
  readonly number: number;
  readonly files: readonly RestingFile[];
  readonly drop: AbortController;
  /** Plain bytes of it so far. */
  bytes: number;
  artifact?: Artifact;
}

interface Share {
  readonly number: number;
  readonly files: readonly SizedFile[];
  readonly folders: readonly string[];
}

/**
 * Packs a data directory into archive parts, so many at a time. It may begin while the directory is still being made: a large table to which nobody is writing any more is packed
 * already, and kept if it is the same file, byte for byte untouched, when the server on it has stopped; otherwise that part is thrown away and its files are packed with all that is left.
 * The heaviest parts come first: those are stored while others are packed, and what is left to store at the end is small. The first part makes all folders. Whatever fails
 * first ends the others. Faults: those of {@link packFiles}.
 */
export class FilePacker {
  readonly #job: PackerJob;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  /** Made ahead, or in the making. */
  readonly #ahead = new Set<Part>();
  readonly #taken = new Set<string>();
  readonly #artifacts = new Map<number, Artifact>();
  /** What is left, once nothing is written any more; null: nothing more is packed. */
  readonly #left = Promise.withResolvers<Share[] | null>();
  #closing = false;
  /** What was made ahead stays, or is gone. */
  #judged = false;
  #likely: LikelyDone = async () => true;
  #lanes: Promise<void>[] = [];
  #looking: Promise<RestingFile[]> | null = null;
  #pauseMs = LOOK_EVERY_MS;
  #clears = false;
  readonly #clearing: Promise<unknown>[] = [];
  #failure: { readonly reason: unknown } | undefined;
  /** 1 makes the folders, and is packed last. */
  #lastNumber = 1;

  constructor(job: PackerJob) {
    this.#job = job;
    this.#signal = AbortSignal.any([job.signal, this.#stop.signal]);
  }

  /** Begins with what has come to rest. Asked again, it goes by another judgement. */
  begin(likely: LikelyDone): void {
    this.#likely = likely;
    if (this.#lanes.length === 0) this.#lanes = this.#start();
  }

  /**
   * Nobody writes any more: packs what is left. Gives all parts in the order of their numbers. `clear`: nobody reads either, and files of a part that stays are removed while others are
   * packed; what may be left of them when this has settled is for the caller to remove after {@link end}.
   */
  async finish({ files, folders }: DataFiles, { clear = false } = {}): Promise<Artifact[]> {
    this.#closing = true;
    this.#clears = clear;
    for (const part of this.#ahead) if (!(await stillResting(this.#job.data, part.files))) await this.#drop(part);
    this.#judged = true;
    const kept = new Set([...this.#ahead].flatMap((part) => part.files.map(({ path }) => path)));
    const rest = files.filter(({ path }) => !kept.has(path));
    const shares = balanceFiles(rest, partCount(rest.reduce((sum, { bytes }) => sum + bytes, 0), this.#job.lanes));
    for (const part of this.#ahead) if (part.artifact) this.#sealed(part, part.artifact);
    this.#left.resolve(shares.map((share, index) => ({ number: index === 0 ? 1 : this.#number(), files: share, folders: index === 0 ? folders : [] })));
    if (this.#lanes.length === 0) this.#lanes = this.#start();
    await Promise.all(this.#lanes);
    if (this.#failure) throw this.#failure.reason;
    return [...this.#artifacts].sort(([a], [b]) => a - b).map(([, artifact]) => artifact);
  }

  /** Ends whatever is under way. Afterwards nothing is written to the spool folder any more; what lies there is for the caller to remove. Idempotent. */
  async end(): Promise<void> {
    this.#closing = true;
    this.#stop.abort();
    this.#left.resolve(null);
    await Promise.all([...this.#lanes, ...this.#clearing]);
  }

  #start(): Promise<void>[] {
    return Array.from({ length: this.#job.lanes }, () =>
      this.#lane().catch((reason: unknown) => {
        this.#failure ??= { reason };
        this.#stop.abort(reason);
      }),
    );
  }

  async #lane(): Promise<void> {
    while (!this.#closing) {
      const part = await this.#choose();
      if (part) await this.#packAhead(part);
      else await this.#pause();
    }
    const left = await this.#left.promise;
    for (let share = left?.shift(); share; share = left?.shift()) {
      if (this.#signal.aborted) throw abortFault(this.#signal);
      const { number: part, files, folders } = share;
      this.#sealed(share, await packFiles({ ...this.#job, signal: this.#signal, part, files, folders }));
    }
  }

  /**
   * The next part to be made ahead, of the largest files; undefined where there is too little. From the question whether it is too late to its place among the parts nothing else happens: what
   * is left is reckoned without its files.
   */
  async #choose(): Promise<Part | undefined> {
    const least = this.#job.aheadBytes ?? AHEAD_BYTES;
    this.#looking ??= this.#look(least).finally(() => (this.#looking = null));
    const likely: RestingFile[] = [];
    for (const file of await this.#looking) if (await this.#likely(file.path)) likely.push(file);
    if (this.#closing) return undefined;
    const chosen: RestingFile[] = [];
    let bytes = 0;
    for (const file of likely.filter(({ path }) => !this.#taken.has(path)).sort((a, b) => b.bytes - a.bytes)) {
      if (bytes > 0 && bytes + file.bytes > (this.#job.partBytes ?? PART_BYTES)) continue;
      chosen.push(file);
      bytes += file.bytes;
    }
    if (chosen.length === 0) return undefined;
    for (const { path } of chosen) this.#taken.add(path);
    const part: Part = { number: this.#number(), files: chosen.sort((a, b) => (a.path < b.path ? -1 : 1)), drop: new AbortController(), bytes: 0 };
    this.#ahead.add(part);
    return part;
  }

  async #look(least: number): Promise<RestingFile[]> {
    const began = performance.now();
    const found = await restingFiles(this.#job.data, least);
    this.#pauseMs = Math.max(LOOK_EVERY_MS, (performance.now() - began) / LOOK_SHARE);
    return found;
  }

  async #packAhead(part: Part): Promise<void> {
    const { files } = part;
    const onBytes = (bytes: number): void => {
      part.bytes += bytes;
      this.#job.onBytes?.(bytes);
    };
    try {
      part.artifact = await packFiles({ ...this.#job, onBytes, signal: AbortSignal.any([this.#signal, part.drop.signal]), part: part.number, files, folders: [] });
    } catch (error) {
      if (!part.drop.signal.aborted && (this.#signal.aborted || (await stillResting(this.#job.data, files)))) throw error;
      // Written to while it was packed: it is packed again with what is left.
      await this.#drop(part);
      return;
    }
    if (part.drop.signal.aborted) await this.#remove(part.artifact);
    else if (this.#judged) this.#sealed(part, part.artifact);
  }

  async #drop(part: Part): Promise<void> {
    if (!this.#ahead.delete(part)) return;
    part.drop.abort();
    this.#job.onBytes?.(-part.bytes);
    if (part.artifact) await this.#remove(part.artifact);
  }

  async #remove({ name }: Artifact): Promise<void> {
    await rm(join(this.#job.folder, name), { force: true });
  }

  #sealed({ number, files }: { readonly number: number; readonly files: readonly SizedFile[] }, artifact: Artifact): void {
    if (this.#artifacts.has(number)) return;
    this.#artifacts.set(number, artifact);
    this.#job.onSealed?.(artifact);
    if (this.#clears) this.#clearing.push(this.#clear(files));
  }

  /** What cannot be removed is left to the caller. */
  async #clear(files: readonly SizedFile[]): Promise<void> {
    const paths = files.map(({ path }) => join(this.#job.data, path));
    if (!this.#job.slowly) await Promise.allSettled(paths.map((path) => rm(path)));
    else for (const path of paths) await removeInSteps(path).catch(() => undefined);
  }

  #number(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  async #pause(): Promise<void> {
    for (const until = performance.now() + this.#pauseMs; !this.#closing && performance.now() < until; ) await new Promise((resolve) => setTimeout(resolve, 20));
    if (this.#signal.aborted) throw abortFault(this.#signal);
  }
}
