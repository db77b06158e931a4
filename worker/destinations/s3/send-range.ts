import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { PutObjectCommand, UploadPartCommand } from "@aws-sdk/client-s3";
import type { S3DestinationConfig } from "#lib/contract/config/destination.ts";
import type { PutOptions } from "#worker/ports/destination.ts";
import { CHUNK, type OpenBody, paced } from "../body.ts";
import { throwIfCancelled } from "../cancelled.ts";

export interface RangeDigests {
  /** Hex. */
  readonly sha256: string;
  /** Hex. */
  readonly md5: string;
}

/** SHA-256 and MD5 of a range: one for checksum and signature, the other for Content-MD5 and comparison with a part's ETag. */
export async function digestRange(body: OpenBody, start: number, end: number, withMd5: boolean, signal?: AbortSignal): Promise<RangeDigests> {
  const sha256 = createHash("sha256");
  const md5 = createHash("md5");
  for await (const chunk of body.read(start, end, { signal, reuse: true })) {
    sha256.update(chunk);
    if (withMd5) md5.update(chunk);
  }
  return { sha256: sha256.digest("hex"), md5: withMd5 ? md5.digest("hex") : "" };
}

/** The request fields that let the server compare what arrives, as the destination's switch says. */
export function checksumFields(checksums: S3DestinationConfig["checksums"], digests: RangeDigests): { ChecksumSHA256?: string; ContentMD5?: string } {
  if (checksums === "sha256") return { ChecksumSHA256: toBase64(digests.sha256) };
  return checksums === "md5" ? { ContentMD5: toBase64(digests.md5) } : {};
}

export function toBase64(hex: string): string {
  return Buffer.from(hex, "hex").toString("base64");
}

/**
 * Sends a range of the body with `request`, streamed and counted. The payload's digest goes into the signature, so that every server that
 * checks signatures refuses altered bytes, with or without checksum headers. An error of the body itself (file cut short, cancel) wins
 * over what the connection says about it; the connection is closed when the server answered before it took everything.
 */
export async function sendRange<T>(
  body: OpenBody,
  range: { readonly start: number; readonly end: number },
  options: Pick<PutOptions, "signal" | "onBytes" | "pace">,
  request: (stream: Readable, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const forward = () => stop.abort(options.signal?.reason);
  options.signal?.addEventListener("abort", forward, { once: true });
  let bodyError: unknown;
  let sent = 0;
  const chunks = async function* () {
    try {
      for await (const chunk of paced(body.read(range.start, range.end, { signal: stop.signal }), { ...options, signal: stop.signal })) {
        yield chunk;
        sent += chunk.length;
        options.onBytes?.(chunk.length);
      }
    } catch (error) {
      bodyError = error;
      stop.abort(error);
    }
  };
  const stream = Readable.from(chunks(), { objectMode: false, highWaterMark: CHUNK });
  try {
    throwIfCancelled(options.signal);
    return await request(stream, stop.signal);
  } catch (error) {
    throw bodyError ?? error;
  } finally {
    options.signal?.removeEventListener("abort", forward);
    if (sent < range.end - range.start) stop.abort();
    stream.destroy();
  }
}

/** Makes the command sign this digest (hex) of its payload instead of leaving a stream unsigned. */
export function signPayload(command: PutObjectCommand | UploadPartCommand, sha256: string): void {
  // The union's two `add` have no common signature; the middleware reads nothing that differs between the commands.
  const stack = command.middlewareStack as UploadPartCommand["middlewareStack"];
  stack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers["x-amz-content-sha256"] = sha256;
      return next(args);
    },
    { step: "build", name: "salvagenteSignPayload", priority: "low" },
  );
}
