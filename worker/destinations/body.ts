import { createHash } from "node:crypto";
import { type FileHandle, link, lstat, open, rm } from "node:fs/promises";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Body, PutOptions } from "#worker/ports/destination.ts";
import { throwIfCancelled } from "./cancelled.ts";

/** Bytes read at once from a spooled file. */
export const CHUNK = 256 * 1024;

/** A body opened for reading; the file stays the same one even when its name is given to another. */
export interface OpenBody {
  readonly bytes: number;
  readonly sha256: string;
  /**
   * Bytes from `start` (inclusive) to `end` (exclusive). Faults: DESTINATION_FAILED (not retryable) when the file is shorter than said.
   * `reuse`: every chunk lies in the same memory and is good only until the next is asked for.
   */
  read(start: number, end: number, options?: { readonly signal?: AbortSignal | undefined; readonly reuse?: boolean }): AsyncGenerator<Buffer>;
  /** Gives the body's own file this name as well (absent before), where it is final and no place has it yet. False, with nothing there: it has to be copied. */
  linked(path: string): Promise<boolean>;
  close(): Promise<void>;
}

/** Opens the body and checks its size. Fault DESTINATION_FAILED, not retryable, when the file is gone or has another size. */
export async function openBody(body: Body, destination: string): Promise<OpenBody> {
  if (body.kind === "bytes") {
    const { data } = body;
    return {
      bytes: data.length,
      sha256: createHash("sha256").update(data).digest("hex"),
      async *read(start, end, { signal } = {}) {
        for (let at = start; at < end; at += CHUNK) {
          throwIfCancelled(signal);
          yield data.subarray(at, Math.min(at + CHUNK, end));
        }
      },
      linked: async () => false,
      close: async () => undefined,
    };
  }
  const { path, bytes, sha256 } = body;
  const wrong = (message: string, cause?: unknown) =>
    new Fault("DESTINATION_FAILED", { params: { destination, message }, retryable: false, cause });
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    throw wrong(`the spooled file cannot be read: ${(error as Error).message}`, error);
  }
  const found = await file.stat();
  if (found.size !== bytes) {
    await file.close();
    throw wrong(`the spooled file ${path} has ${found.size} bytes instead of ${bytes}`);
  }
  return {
    bytes,
    sha256,
    async *read(start, end, { signal, reuse = false } = {}) {
      const shared = reuse ? Buffer.allocUnsafe(Math.min(CHUNK, end - start)) : null;
      for (let at = start; at < end; ) {
        throwIfCancelled(signal);
        const length = Math.min(CHUNK, end - at);
        const { bytesRead, buffer } = await file.read(shared ?? Buffer.allocUnsafe(length), 0, length, at);
        if (bytesRead === 0) throw wrong(`the spooled file ${path} ended at byte ${at} of ${bytes}`);
        yield bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead);
        at += bytesRead;
      }
    },
    linked: async (name) => body.final === true && linkedOnce(file, path, name),
    close: () => file.close(),
  };
}

/** Of two places on one file system only one may have the file itself: two names of one file are one copy. */
async function linkedOnce(file: FileHandle, path: string, name: string): Promise<boolean> {
  try {
    // It may have waited in the spool for hours: by its age it would be what a dead writer left behind.
    const now = new Date();
    await file.utimes(now, now);
    await link(path, name);
  } catch {
    // Another file system, one without links, not allowed: copying will do, or say what is wrong.
    return false;
  }
  const [own, found] = [await file.stat(), await lstat(name)];
  if (found.ino === own.ino && found.dev === own.dev && found.nlink === 2) return true;
  await rm(name);
  return false;
}

/** The chunks as they may leave: with a bandwidth to keep, in small pieces, each after its wait. */
export async function* paced(chunks: AsyncIterable<Buffer>, { pace, signal }: Pick<PutOptions, "pace" | "signal">): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    if (!pace) yield chunk;
    else {
      for (let at = 0; at < chunk.length; at += PIECE) {
        const piece = chunk.subarray(at, at + PIECE);
        await pace(piece.length, signal);
        yield piece;
      }
    }
    throwIfCancelled(signal);
  }
}

/** Small enough that no connection looks idle between two pieces at the lowest bandwidth that can be set. */
const PIECE = 64 * 1024;

/** The fault for a spooled file whose content is no longer the one that was sealed. */
export function bodyChanged(destination: string, key: string): Fault {
  return new Fault("DESTINATION_FAILED", {
    params: { destination, message: `the bytes of the spooled file for ${key} are not those that were sealed` },
    retryable: false,
  });
}
