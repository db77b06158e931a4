import { join } from "node:path";
import type { CopyCheck } from "#lib/contract/manifest/verification.ts";
import type { Artifact } from "#lib/contract/manifest/manifest.ts";
import { asFault, Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { roundsBehind } from "#lib/domain/backup/compression-level.ts";
import { artifactKey, type SetKind } from "#lib/domain/backup/storage-keys.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { StoredCopy } from "./stored-copy.ts";

export interface StoreJob {
  readonly server: string;
  readonly kind: SetKind;
  readonly setId: string;
  /** Where the sealed files lie. */
  readonly folder: string;
  readonly destinations: readonly Destination[];
}

/**
 * Brings the artifacts of one set to every destination and reads each one back; each may begin as soon as it is sealed, while others are still made.
 * Destinations work side by side and fail alone. What failed while the set was being made is tried again at its end.
 */
export class SetStore {
  readonly #context: RunContext;
  readonly #job: StoreJob;
  readonly #copies: readonly StoredCopy[];
  readonly #stop = new AbortController();
  #done = 0;
  #total: number | undefined;

  constructor(context: RunContext, job: StoreJob) {
    this.#context = context;
    this.#job = job;
    const signal = AbortSignal.any([context.signal, this.#stop.signal]);
    this.#copies = job.destinations.map(
      (destination) =>
        new StoredCopy(destination, {
          signal,
          clock: context.clock,
          place: ({ name }) => ({ key: artifactKey(job.server, job.kind, job.setId, name), path: join(job.folder, name) }),
          onBytes: (more) => this.#count(more, destination.id),
          onFailure: (error) => context.log("warn", `${destination.id}: ${asFault(error).message}`),
        }),
    );
  }

  /** A sealed artifact: it is stored from now on. `madeMs`: how long it took to be made. */
  add(artifact: Artifact, madeMs = 0): void {
    for (const copy of this.#copies) copy.add(artifact, madeMs);
  }

  /** The destination that is the furthest behind with what was sealed, and how far: rounds of work, as {@link roundsBehind} has them. */
  get slowest(): { readonly destination: string; readonly rounds: number } {
    return this.#copies.map(({ destination, waiting }) => ({ destination: destination.id, rounds: roundsBehind(waiting) })).reduce((most, one) => (one.rounds > most.rounds ? one : most), { destination: "", rounds: 0 });
  }

  /** Stores whatever of the set is not stored yet. The result says how each copy stands. Faults NO_COPY_STORED when none holds the whole set, CANCELLED. */
  async finish(artifacts: readonly Artifact[]): Promise<CopyCheck[]> {
    const bytes = artifacts.reduce((sum, artifact) => sum + artifact.sealed.bytes, 0);
    this.#total = bytes * this.#copies.length * 2;
    const copies = await Promise.all(this.#copies.map((copy) => this.#whole(copy, artifacts, bytes)));
    for (const copy of copies) this.#context.emit({ type: "copy", setId: this.#job.setId, copy });
    if (!copies.some((copy) => copy.state === "intact")) {
      throw new Fault("NO_COPY_STORED", { params: { message: copies.map((copy) => `${copy.destination}: ${copy.problem ?? copy.state}`).join("; ") } });
    }
    return copies;
  }

  /** The set was not made: ends what is under way and removes what was stored, where that is allowed. Without a manifest it is no set in any case. Never throws. */
  async discard(): Promise<void> {
    this.#stop.abort(new Fault("CANCELLED"));
    await Promise.all(
      this.#copies.map((copy) =>
        copy.discard().catch((error: unknown) => this.#context.log("warn", `${copy.destination.id}: parts of this set could not be removed: ${asFault(error).message}`)),
      ),
    );
  }

  async #whole(copy: StoredCopy, artifacts: readonly Artifact[], bytes: number): Promise<CopyCheck> {
    const { destination } = copy;
    const result = (state: CopyCheck["state"], problem?: string): CopyCheck => ({
      destination: destination.id,
      state,
      checkedAt: new Date(this.#context.clock.now()).toISOString(),
      bytes,
      ...(problem ? { problem } : {}),
    });
    try {
      await copy.finish(artifacts);
      return result("intact");
    } catch (error) {
      if (this.#context.signal.aborted) throw new Fault("CANCELLED");
      const fault = asFault(error);
      this.#context.finding("warning", faultRecord(fault));
      this.#context.log("error", `${destination.id}: ${fault.message}`);
      return result(fault.code === "COPY_CORRUPT" ? "corrupt" : fault.code === "DESTINATION_UNREACHABLE" ? "unreachable" : "missing", fault.message);
    }
  }

  /** Told only once the whole is known: before, the run tells how far the dump is. */
  #count(more: number, item: string): void {
    this.#done += more;
    if (this.#total !== undefined) this.#context.progress({ stage: "store", bytesDone: Math.min(this.#done, this.#total), bytesTotal: this.#total, item });
  }
}
