import { createHash } from "node:crypto";
import { basename } from "node:path";
import { Fault } from "#lib/domain/fault/fault.ts";
import { drained } from "./drained.ts";
import { finishSealChain, type SealOptions, startSealChain } from "./seal-chain.ts";
import { discardPartial, publish } from "./spool-file.ts";

/** Bytes that may wait for the compressor before a writer is asked to wait. */
const WAITING_BYTES = 1024 * 1024;
/** A larger chunk is passed on in parts, so that neither the event loop nor memory feels it. */
const SLICE_BYTES = 1024 * 1024;

export interface SealedArtifact {
  readonly path: string;
  readonly plainBytes: number;
  /** Hex digests; the plain one is of the bytes given to write(), null when it was not wanted. */
  readonly plainSha256: string | null;
  readonly sealedBytes: number;
  readonly sealedSha256: string;
  readonly sealedMd5: string;
}

export interface SealWriter {
  /** Bytes taken so far. */
  readonly plainBytes: number;
  /**
   * Takes the next bytes; the chunk must not be changed afterwards. Gives a promise when the writer should wait (await it),
   * nothing when more may come at once. One call at a time. Rejects or throws with the Fault that ended the sealing.
   */
  write(chunk: Buffer): Promise<void> | undefined;
  /** No more bytes: waits for every program, checks each one's end, fsyncs and gives the file its name. */
  end(): Promise<SealedArtifact>;
  /** Ends the programs and removes the partial file. Afterwards write() and end() reject with the reason. After a successful end() it does nothing. */
  abort(reason: unknown): Promise<void>;
}

/**
 * Seals a stream into `sinkPath`: digest of the plain bytes → compress → OpenPGP → digests of the sealed bytes → file, in one pass
 * and in bounded memory. Opened again with `gpg -d <file> | zstd -d` (or `gunzip`), see docs/format.
 * The file appears under its name only when both programs exited with 0 and all is on disk; before, it is `<sinkPath>.partial`.
 * Faults: TOOL_MISSING (thrown at once), DISK_FULL, KEY_UNUSABLE, SEAL_FAILED, CANCELLED or the reason of an abort.
 */
export function seal(options: SealOptions, sinkPath: string): SealWriter {
  if (options.recipients.length === 0) throw new RangeError("a seal needs a recipient");
  const chain = startSealChain(options);
  const sha256 = options.plainDigest === false ? null : createHash("sha256");
  let plainBytes = 0;
  let ended = false;
  let failure: { readonly reason: unknown } | undefined;

  const fail = (reason: unknown): void => {
    failure ??= { reason };
    chain.kill();
  };
  const outcome = finishSealChain(chain, sinkPath, options.onSealedBytes, () => ended).catch((error: unknown) => {
    failure ??= { reason: error };
  });
  const settled = outcome.finally(async () => {
    options.signal?.removeEventListener("abort", onAbort);
    if (failure) await discardPartial(sinkPath);
  });
  // Looked at by write(), end() and abort(); who calls none of them any more must not crash the worker.
  settled.catch(() => undefined);
  function onAbort(): void {
    const reason: unknown = options.signal?.reason;
    fail(reason instanceof Fault ? reason : new Fault("CANCELLED", { cause: reason }));
  }
  if (options.signal?.aborted) onAbort();
  else options.signal?.addEventListener("abort", onAbort, { once: true });

  const throwFailure = async (): Promise<never> => {
    await settled;
    throw failure?.reason ?? new Fault("SEAL_FAILED", { params: { artifact: basename(sinkPath), message: "the sealing ended before its input" } });
  };
  const put = (slice: Buffer): Promise<void> | undefined => {
    if (failure || chain.input.destroyed) return throwFailure();
    sha256?.update(slice);
    plainBytes += slice.length;
    chain.input.write(slice);
    return chain.input.writableLength > WAITING_BYTES - 1 ? drained(chain.input).then(() => (failure || chain.input.destroyed ? throwFailure() : undefined)) : undefined;
  };
  const putLarge = async (chunk: Buffer): Promise<void> => {
    for (let at = 0; at < chunk.length; at += SLICE_BYTES) await put(chunk.subarray(at, at + SLICE_BYTES));
  };

  return {
    get plainBytes() {
      return plainBytes;
    },
    write: (chunk) => (chunk.length > SLICE_BYTES ? putLarge(chunk) : put(chunk)),
    end: async () => {
      if (failure) return throwFailure();
      ended = true;
      chain.input.end();
      const sealed = await outcome;
      if (failure || !sealed) return throwFailure();
      await publish(sinkPath).catch(async (error: unknown) => {
        failure = { reason: error };
        await discardPartial(sinkPath);
        throw error;
      });
      return { path: sinkPath, plainBytes, plainSha256: sha256?.digest("hex") ?? null, sealedBytes: sealed.bytes, sealedSha256: sealed.sha256, sealedMd5: sealed.md5 };
    },
    abort: async (reason) => {
      fail(reason);
      await settled;
    },
  };
}
