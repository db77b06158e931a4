import { createHash } from "node:crypto";
import { PassThrough, type Readable, Transform, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { Fault } from "#lib/domain/fault/fault.ts";
import { locate } from "#worker/exec/launch.ts";
import { abortFault } from "#worker/exec/run.ts";
import { type RunningTool, spawnTool, type ToolEnd } from "#worker/exec/spawn-tool.ts";
import type { KeyringAccess } from "#worker/ports/keyring-access.ts";
import type { Tools } from "#worker/ports/tools.ts";
import { type Compression, UNZSTD_ARGUMENTS } from "./compression.ts";
import { drained } from "./drained.ts";
import { type GpgStatus, gpgStatus, openArguments } from "./gpg-arguments.ts";
import { type UnsealExpectation, verdict } from "./unseal-verdict.ts";

export interface UnsealOptions extends UnsealExpectation {
  readonly compression: Compression;
  readonly keyring: KeyringAccess;
  readonly tools: Pick<Tools, "gpg" | "zstd">;
  readonly signal?: AbortSignal | undefined;
}

export interface UnsealReport {
  readonly sealedBytes: number;
  readonly sealedSha256: string;
  readonly plainBytes: number;
  /** Null when none was wanted. */
  readonly plainSha256: string | null;
}

export interface Unsealing {
  /**
   * The plain bytes. Ends only after everything was checked; otherwise it is destroyed with the Fault. Bytes seen before the end are
   * not yet proven: act on them only where a failure can still undo it. Destroying it stops everything.
   */
  readonly stream: Readable;
  /** Resolves after the stream was read to its end and all was checked; rejects with the same Fault as the stream. */
  readonly done: Promise<UnsealReport>;
}

/**
 * The exact inverse of seal: digest → gpg → decompress → digest. Success means: gpg exited with 0 and vouched for the integrity,
 * the decompressor ended cleanly, and every expected digest and count is met.
 * Faults: KEY_MISSING, COPY_CORRUPT (the bytes are not those that were sealed), UNSEAL_FAILED, TOOL_MISSING, CANCELLED;
 * a Fault of the source (a destination that went away) is passed on as it is.
 */
export function unseal(source: Readable, options: UnsealOptions): Unsealing {
  const chain = startChain(options);
  const feeding = feed(source, chain.gpg.stdin as Writable, options.expected?.sealedSha256 !== undefined);
  const plainHash = options.expected?.plainSha256 === null ? null : createHash("sha256");
  let plainBytes = 0;
  let stopped: { readonly reason: unknown } | undefined;

  const judge = async (): Promise<UnsealReport> => {
    const [fed, gpg, decompressor] = await Promise.allSettled([feeding, chain.gpg.done, chain.decompressor]);
    const plain = { plainBytes, plainSha256: plainHash?.digest("hex") ?? null };
    const fault = stopped ? stopped.reason : verdict({ fed, gpg, decompressor, status: chain.status, plain }, options);
    if (fault || fed.status === "rejected") throw fault;
    return { sealedBytes: fed.value.sealedBytes, sealedSha256: fed.value.sealedSha256, ...plain };
  };

  let judged: Promise<UnsealReport> | undefined;
  const stream = new Transform({
    highWaterMark: 256 * 1024,
    transform(chunk: Buffer, _encoding, callback) {
      plainHash?.update(chunk);
      plainBytes += chunk.length;
      callback(null, chunk);
    },
    // The end is held back until all is checked: a consumer cannot mistake a broken stream for a whole one.
    flush(callback) {
      judged ??= judge();
      judged.then(() => callback(), callback);
    },
  });

  const stop = (reason: unknown): void => {
    stopped ??= { reason };
    chain.kill();
    source.destroy();
  };
  const onAbort = (): void => {
    if (options.signal) stop(abortFault(options.signal));
  };
  if (options.signal?.aborted) onAbort();
  else options.signal?.addEventListener("abort", onAbort, { once: true });

  const done = new Promise<UnsealReport>((resolve, reject) => {
    stream.once("close", () => {
      options.signal?.removeEventListener("abort", onAbort);
      if (!stream.readableEnded && !stream.errored) stop(new Fault("CANCELLED"));
      judged ??= judge();
      judged.then(resolve, reject);
    });
  });
  // All three reach the caller by `done`; who looks only there, or only at the stream, must not be crashed by the other.
  done.catch(() => undefined);
  feeding.catch(() => undefined);
  stream.on("error", () => undefined);
  // A decompressor that breaks must not break the stream by its own error: the flush gives the one that was judged.
  chain.output.on("error", () => stream.end());
  chain.output.on("close", () => stream.end());
  chain.output.pipe(stream);
  stream.once("close", () => chain.output.destroy());
  return { stream, done };
}

interface Chain {
  readonly gpg: RunningTool;
  readonly status: GpgStatus;
  /** How the child ended; undefined where this process decompresses. */
  readonly decompressor: Promise<ToolEnd | undefined>;
  readonly output: Readable;
  kill(): void;
}

function startChain({ tools, compression, keyring }: UnsealOptions): Chain {
  locate(tools.gpg);
  if (compression === "zstd") locate(tools.zstd);
  const status = gpgStatus();
  const gpg = spawnTool(tools.gpg, openArguments(keyring.homedir, keyring.passphrase !== undefined), {
    stdin: "pipe",
    onStderrLine: status.read,
    extraFds: keyring.passphrase ? { 3: keyring.passphrase } : undefined,
  });
  if (!gpg.stdout) throw new Error("gpg has no output");
  if (compression === "gzip") {
    const output = new PassThrough();
    const decompressor = pipeline(gpg.stdout, createGunzip({ chunkSize: 128 * 1024 }), output).then(() => undefined);
    decompressor.catch(() => undefined);
    return { gpg, status, decompressor, output, kill: gpg.kill };
  }
  const zstd = spawnTool(tools.zstd, UNZSTD_ARGUMENTS, { stdin: gpg.stdout });
  if (!zstd.stdout) throw new Error("zstd has no output");
  const kill = (): void => {
    gpg.kill();
    zstd.kill();
  };
  return { gpg, status, decompressor: zstd.done, output: zstd.stdout, kill };
}

/**
 * Gives the sealed bytes to gpg and digests them. When gpg stops early the rest is read for its digest alone where that tells a damaged
 * copy from another trouble; rejects only with an error of the source.
 */
async function feed(source: Readable, input: Writable, needsDigest: boolean): Promise<{ sealedBytes: number; sealedSha256: string; whole: boolean }> {
  const sha256 = createHash("sha256");
  let sealedBytes = 0;
  let whole = true;
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      if (input.destroyed && !needsDigest) {
        whole = false;
        break;
      }
      sha256.update(chunk);
      sealedBytes += chunk.length;
      if (!input.destroyed && !input.write(chunk)) await drained(input);
    }
  } finally {
    input.end();
  }
  return { sealedBytes, sealedSha256: sha256.digest("hex"), whole };
}
