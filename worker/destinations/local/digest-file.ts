import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { DigestOptions, ObjectDigest } from "#worker/ports/destination.ts";
import { throwIfCancelled } from "../cancelled.ts";

/** Read at once, always into the same memory: a new piece for each read made V8 collect garbage every 20 to 30 MB. */
const BLOCK_BYTES = 512 * 1024;

/** Reads a file to its end; a symbolic link is refused. Errors of the file system as they come; Fault CANCELLED. */
export async function digestFile(path: string, { signal, onBytes, pace }: DigestOptions): Promise<ObjectDigest> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const hash = createHash("sha256");
    const block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    let bytes = 0;
    for (;;) {
      throwIfCancelled(signal);
      const { bytesRead } = await file.read(block, 0, block.length, bytes);
      if (bytesRead === 0) return { bytes, sha256: hash.digest("hex") };
      await pace?.(bytesRead, signal);
      hash.update(block.subarray(0, bytesRead));
      bytes += bytesRead;
      onBytes?.(bytesRead);
    }
  } finally {
    await file.close();
  }
}
