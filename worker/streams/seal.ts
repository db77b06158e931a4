import { createHash } from "node:crypto";
import { basename } from "node:path";
import { Fault } from "#lib/domain/fault/fault.ts";
import { locate } from "#worker/exec/launch.ts";
import { BlockWriter } from "./block-writer.ts";
import { finishSealChain, type SealChain, type SealOptions, startSealChain } from "./seal-chain.ts";
import { discardPartial, publish } from "./spool-file.ts";

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
   * Takes the next bytes; the chunk may be used again once they are taken. Gives a promise when the writer should wait (await it),
   * nothing when more may come at once. One call at a time. Rejects or throws with the Fault that ended the sealing.
   */
  write(chunk: Buffer): Promise<void> | undefined;
  /**
   * Lets a source put the next bytes where they are compressed from, without a copy: it gets room for at least a byte and says how many it put there. Gives
   * that number. Otherwise as {@link write}; an error of the source passes through and ends nothing by itself.
   */
  fill(source: (room: Buffer) => Promise<number>): Promise<number>;
  /** No more bytes: waits for every program, checks each one's end, fsyncs and gives the file its name. */
  end(): Promise<SealedArtifact>;
  /** Ends the programs and removes the partial file. Afterwards write() and end() reject with the reason. After a successful end() it does nothing. */
  abort(reason: unknown): Promise<void>;
}

/**
 * Seals a stream into `sinkPath`: digest of the plain bytes → compress → OpenPGP → digests of the sealed bytes → file, in one pass
 * and in bounded memory. Opened again with `gpg -d <file> | zstd -d` (or `gunzip`), see docs/format.
 * The file appears under its name only when both programs exited with 0 and all is written (on disk, unless it need not be durable); before, it is `<sinkPath>.partial`.
 * Faults: TOOL_MISSING (thrown at once), DISK_FULL, KEY_UNUSABLE, SEAL_FAILED, CANCELLED or the reason of an abort.
 */
export function seal(options: SealOptions, sinkPath: string): SealWriter {
  if (options.recipients.length === 0) throw new RangeError("a seal needs a recipient");
  // Looked for before anything is made: nothing has to be undone then.
  locate(options.tools.gpg);
  const sha256 = options.plainDigest === false ? null : createHash("sha256");
  let plainBytes = 0;
  let ended = false;
  let failure: { readonly reason: unknown } | undefined;
  let chain: SealChain | undefined;
  let blocks: BlockWriter | undefined;

  const fail = (reason: unknown): void => {
    failure ??= { reason };
    chain?.kill();
  };
  const started = startSealChain(options).then((running) => {
    chain = running;
    blocks = new BlockWriter(running.input);
    if (failure) running.kill();
    return running;
  });
  const outcome = started
    .then((running) => finishSealChain(running, sinkPath, options, () => ended))
    .catch((error: unknown) => {
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
  const gone = (): boolean => failure !== undefined || chain?.input.destroyed === true;
  const write = (chunk: Buffer): Promise<void> | undefined => {
    if (gone()) return throwFailure();
    if (!blocks) return started.then(() => write(chunk), throwFailure);
    sha256?.update(chunk);
    plainBytes += chunk.length;
    return blocks.write(chunk)?.then(() => (gone() ? throwFailure() : undefined));
  };

  const fill = async (source: (room: Buffer) => Promise<number>): Promise<number> => {
    if (gone()) return throwFailure();
    if (!blocks) await started.catch(throwFailure);
    const filled = await blocks?.fill(source);
    if (!filled || gone()) return throwFailure();
    sha256?.update(filled);
    plainBytes += filled.length;
    return filled.length;
  };

  return {
    get plainBytes() {
      return plainBytes;
    },
    write,
    fill,
    end: async () => {
      await started.catch(() => undefined);
      if (failure) return throwFailure();
      ended = true;
      blocks?.end();
      const sealed = await outcome;
      if (failure || !sealed) return throwFailure();
      await publish(sinkPath, options.durable).catch(async (error: unknown) => {
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
