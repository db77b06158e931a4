import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Artifact, PhysicalFiles } from "#lib/contract/manifest/manifest.ts";
import type { ArchiveContent } from "#lib/domain/backup/artifact-names.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { listDataFiles } from "#worker/engines/files/data-files.ts";
import { FilePacker, type LikelyDone, type PackerJob } from "#worker/engines/files/file-packer.ts";
import { dropGuest } from "#worker/engines/sandbox/accounts.ts";
import type { Sandbox } from "#worker/engines/sandbox/sandbox.ts";
import { CalmServer, RedoLogBytes } from "#worker/engines/server/calm-server.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { CloneReady } from "./clone-ground.ts";
import type { GentleReading } from "./gentle-reading.ts";

/** All that recovery changed is written then. */
const SHUTDOWN_MS = 3_600_000;

/** A table to which the source has not written for so long is not likely to be touched when its copy is brought to one point, ms. */
const COLD_MS = 60_000;

/** Where a rate is asked for, the disk is not kept busy with what is sealed for longer than a commit takes either. */
const GENTLE_FLUSH_BYTES = 1024 * 1024;

/** What packing needs to know of a physical full or differential. */
export interface PackingJob extends Pick<PackerJob, "folder" | "compression" | "recipients" | "onSealed"> {
  /** The server that is backed up. */
  readonly access: ServerAccess;
  readonly ground: Pick<CloneReady, "dataFolder" | "physical">;
  /** Archive parts made at a time. */
  readonly streams: number;
  /** While the server answers slowly, its host packs nothing. */
  readonly gentle?: GentleReading | undefined;
}

/**
 * Packs a copy of data files into sealed archives, beginning while the copy is made and read: copying waits for the disk and packing for the processor. What
 * the copy's end, recovery or the isolated server wrote to after all is packed again. Told as progress once its own stage has come.
 */
export class CopyPacking {
  readonly #context: RunContext;
  readonly #host: HostRuntime;
  readonly #job: PackingJob;
  readonly #holds: ArchiveContent;
  readonly #redo: RedoLogBytes;
  /** The policy names a rate. */
  readonly #slowly: boolean;
  #packer: FilePacker | undefined;
  #bytes = 0;
  #told = false;
  #total = 0;

  /** `holds`: what the copy is. */
  constructor(context: RunContext, host: HostRuntime, job: PackingJob, holds: ArchiveContent = "files") {
    this.#holds = holds;
    this.#context = context;
    this.#host = host;
    this.#job = job;
    this.#slowly = (job.gentle?.bytesPerSecond ?? null) !== null;
    this.#redo = new RedoLogBytes(job.access);
  }

  /**
   * The copy is being written to `data`: what the source itself has left alone for a while may be packed, as long as nobody writes to the source. Its commits wait for the disk that is busy with the
   * copy; reading on the same disk doubled that. Nothing, where the source's files cannot be seen.
   */
  whileCopied(data: string): void {
    this.#job.gentle?.begin();
    const { dataFolder } = this.#job.ground;
    if (dataFolder === undefined) return;
    const { clock } = this.#context;
    const source = new CalmServer(() => this.#redo.read(), () => clock.monotonic());
    const cold = coldIn(dataFolder, clock.now());
    this.#at(data).begin(async (path) => (await source.isCalm()) && cold(path));
  }

  /** The isolated server has brought the copy to one point, and only reads from now on. */
  whileRead(data: string): void {
    this.#job.gentle?.begin();
    this.#redo.close();
    this.#at(data).begin(async () => true);
  }

  /** Stops the isolated server, packs what is left, and removes what is packed. Faults SANDBOX_FAILED, those of packing. */
  async finish(sandbox: Sandbox): Promise<{ artifacts: Artifact[]; physical: PhysicalFiles }> {
    const connection = await connect(sandbox.access);
    await dropGuest(connection).finally(() => connection.destroy());
    // Files of a server that was killed are not whole: it wrote without safeguards.
    if (!(await sandbox.stop(SHUTDOWN_MS))) throw new Fault("SANDBOX_FAILED", { params: { message: "it did not shut down in order" }, detail: await sandbox.logTail() });
    return this.#finish(sandbox.data, { clear: true });
  }

  /** Packs what is left of files that nobody writes to any more, and that are still read afterwards. */
  async finishFiles(data: string): Promise<{ artifacts: Artifact[]; physical: PhysicalFiles }> {
    return this.#finish(data, { clear: false });
  }

  async #finish(data: string, options: { readonly clear: boolean }): Promise<{ artifacts: Artifact[]; physical: PhysicalFiles }> {
    const content = await listDataFiles(data);
    const { files, bytes } = content;
    this.#total = bytes;
    this.#told = true;
    const artifacts = await this.#at(data).finish(content, options);
    return { artifacts, physical: { ...this.#job.ground.physical, files: files.length, bytes } };
  }

  /** Nothing is packed any more when this has settled. Idempotent; never throws. */
  async end(): Promise<void> {
    await this.#packer?.end();
    this.#redo.close();
  }

  #at(data: string): FilePacker {
    if (this.#packer) return this.#packer;
    const { folder, streams: lanes, compression, recipients, gentle, onSealed } = this.#job;
    this.#packer = new FilePacker({ data, holds: this.#holds, folder, lanes, compression, recipients, tools: this.#host.tools, tempDir: this.#host.folders.temp, signal: this.#context.signal, onBytes: (more) => this.#count(more), hold: (bytes) => gentle?.pass(bytes), ...(this.#slowly ? { slowly: true, flushBytes: GENTLE_FLUSH_BYTES } : {}), onSealed });
    return this.#packer;
  }

  #count(more: number): void {
    this.#bytes += more;
    if (this.#told) this.#context.progress({ stage: "seal", bytesDone: this.#bytes, bytesTotal: Math.max(this.#total, this.#bytes) });
  }
}

/** Of files that lie in the source's data directory under the same name. */
function coldIn(source: string, now: number): LikelyDone {
  return async (path) => {
    const found = await stat(join(source, path)).catch(() => null);
    return found !== null && now - Math.max(found.mtimeMs, found.ctimeMs) >= COLD_MS;
  };
}
