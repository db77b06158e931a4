import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import type { ObjectDigest } from "#worker/ports/destination.ts";
import { throwIfCancelled } from "./cancelled.ts";

/** Reads the stream to its end: bytes and SHA-256 (hex). The stream is destroyed when cancelled. */
export async function digestStream(
  stream: Readable,
  signal?: AbortSignal,
  onBytes?: (bytes: number) => void,
): Promise<ObjectDigest> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    throwIfCancelled(signal);
    hash.update(chunk);
    bytes += chunk.length;
    onBytes?.(chunk.length);
  }
  return { bytes, sha256: hash.digest("hex") };
}
