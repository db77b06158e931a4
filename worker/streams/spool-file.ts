import { createHash } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { Fault } from "#lib/domain/fault/fault.ts";
import { FileBlocks } from "./file-blocks.ts";

/** What stands in a spool file. */
export interface SpoolDigests {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  /** Hex; for checklists, not for security. */
  readonly md5: string;
}

export interface SpoolOptions {
  /** Default true. */
  readonly durable?: boolean | undefined;
  /** So much is brought to disk at a time while more is written. Default 32 MiB. */
  readonly flushBytes?: number | undefined;
}

/** Name under which bytes lie until all is known to be well. */
function partialPath(path: string): string {
  return `${path}.partial`;
}

/**
 * Writes the pieces, each of which may be gone when the next is asked for, to `<path>.partial` (mode 0600), digests on the way, and fsyncs it unless it need
 * not be durable. Does not publish: see {@link publish}.
 * Faults: DISK_FULL; other errors as they come.
 */
export async function spool(source: AsyncIterable<Buffer> | Readable, path: string, onBytes?: (bytes: number) => void, { durable = true, flushBytes = FLUSH_BYTES }: SpoolOptions = {}): Promise<SpoolDigests> {
  const sha256 = createHash("sha256");
  const md5 = createHash("md5");
  let bytes = 0;
  // From the first tick: when a child ends before anybody reads its output, Node throws what is buffered away (flushStdio in
  // node:child_process resumes it). While the file was being opened, a small artifact became an empty one.
  if (source instanceof Readable) source.on("readable", () => undefined);
  try {
    const file = await open(partialPath(path), "w", 0o600);
    try {
      const early = new EarlyFlush(file, flushBytes);
      const blocks = new FileBlocks(file, (block) => {
        sha256.update(block);
        md5.update(block);
        bytes += block.length;
        onBytes?.(block.length);
        early.wrote(block.length);
      });
      for await (const chunk of source as AsyncIterable<Buffer>) await blocks.write(chunk);
      await blocks.end();
      await early.end();
      if (durable) await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (source instanceof Readable) source.destroy();
    else await source[Symbol.asyncIterator]().return?.();
    throw diskFault(error, path);
  }
  return { bytes, sha256: sha256.digest("hex"), md5: md5.digest("hex") };
}

/**
 * Has what was written so far brought to disk while the rest is written. Left to the kernel, a gigabyte or more goes there in one go when the file is forced to disk at last: for
 * that long a database on the same disk waits with each commit.
 */
class EarlyFlush {
  readonly #file: FileHandle;
  readonly #bytes: number;
  #since = 0;
  #flushing: Promise<void> | null = null;
  #failure: { readonly error: unknown } | undefined;

  constructor(file: FileHandle, bytes: number) {
    this.#file = file;
    this.#bytes = bytes;
  }

  wrote(bytes: number): void {
    this.#since += bytes;
    if (this.#since < this.#bytes || this.#flushing) return;
    this.#since = 0;
    this.#flushing = this.#file
      .datasync()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#flushing = null;
      });
  }

  /** Nothing is being brought to disk any more. Rejects with what that failed with: the kernel tells it once, and not again when the file is forced to disk. */
  async end(): Promise<void> {
    await this.#flushing;
    if (this.#failure) throw this.#failure.error;
  }
}

/** So much at a time: the disk is busy with it for a few hundredths of a second. */
const FLUSH_BYTES = 32 * 1024 * 1024;

/** Gives the finished file its name, durably unless it need not be. A crash leaves either the partial or the whole file (of one that was made durable). Faults: DISK_FULL. */
export async function publish(path: string, durable = true): Promise<void> {
  try {
    await rename(partialPath(path), path);
    if (!durable) return;
    const folder = await open(dirname(path), "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    throw diskFault(error, path);
  }
}

/** Removes the partial file if there is one. */
export async function discardPartial(path: string): Promise<void> {
  await rm(partialPath(path), { force: true });
}

/** The error as it comes, but DISK_FULL for no space, no quota, or over the limit of a file's size. */
export function diskFault(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") return new Fault("DISK_FULL", { params: { path: dirname(path) }, cause: error });
  return error;
}
