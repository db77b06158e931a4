import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip, createZstdCompress } from "node:zlib";
import { Fault } from "#lib/domain/fault/fault.ts";
import { openOutputSocket } from "#worker/exec/output-socket.ts";
import { outcomeText, type RunningTool, spawnTool, type ToolEnd } from "#worker/exec/spawn-tool.ts";
import type { Tools } from "#worker/ports/tools.ts";
import { type Compression, gzipLevel, zstdParameters } from "./compression.ts";
import { type GpgStatus, gpgMessage, gpgStatus, sealArguments } from "./gpg-arguments.ts";
import { diskFault, type SpoolDigests, spool } from "./spool-file.ts";

export interface SealOptions {
  readonly compression: Compression;
  /** zstd: 1…19; gzip: 1…9. */
  readonly level: number;
  /** Paths of armored public key files; every one can open the artifact alone. At least one. */
  readonly recipients: readonly string[];
  readonly tools: Pick<Tools, "gpg">;
  /** Existing folder for gpg's own short-lived home; holds no data and no private key. */
  readonly tempDir: string;
  /** Aborting has the effect of `abort(signal.reason)`. */
  readonly signal?: AbortSignal | undefined;
  readonly niceness?: number | undefined;
  /** False: no digest of the plain bytes; for who digests them already. Default true. */
  readonly plainDigest?: boolean | undefined;
  /**
   * False: nothing is forced to disk, for who stores the file elsewhere, compares what was stored with the digests, and begins anew after a crash. Default true.
   */
  readonly durable?: boolean | undefined;
  /** So many sealed bytes are brought to disk at a time while more are written. Default 32 MiB. */
  readonly flushBytes?: number | undefined;
  /** Sealed bytes written since the last call, for progress. */
  readonly onSealedBytes?: ((bytes: number) => void) | undefined;
}

/** What one sealing consists of, connected: compressor (in this process) → gpg → (spool file). */
export interface SealChain {
  readonly input: Writable;
  readonly gpg: RunningTool;
  /** Sealed bytes; a piece is valid until the next one is asked for. */
  readonly output: AsyncIterable<Buffer>;
  readonly status: GpgStatus;
  /** Settles when everything compressed was handed to gpg. */
  readonly compressor: Promise<void>;
  readonly home: string;
  kill(): void;
}

/** Starts them. Faults: TOOL_MISSING, DISK_FULL. */
export async function startSealChain(options: SealOptions): Promise<SealChain> {
  const { tools, recipients, niceness } = options;
  const socket = await openOutputSocket().catch((error: unknown) => {
    throw diskFault(error, join(tmpdir(), "socket"));
  });
  let home: string | undefined;
  try {
    home = newHome(options.tempDir);
    const input = compressorOf(options);
    const status = gpgStatus();
    const gpg = spawnTool(tools.gpg, sealArguments(home, recipients), { stdin: "pipe", stdout: socket.childEnd, onStderrLine: status.read, niceness });
    if (!gpg.stdin) throw new Error("gpg has no input");
    const compressor = pipeline(input, gpg.stdin);
    compressor.catch(() => undefined);
    input.on("error", () => undefined);
    const kill = (): void => {
      gpg.kill();
      input.destroy();
    };
    return { input, gpg, output: socket.output, status, compressor, home, kill };
  } catch (error) {
    socket.destroy();
    if (home) await rm(home, { recursive: true, force: true });
    throw error;
  }
}

function compressorOf({ compression, level }: SealOptions): ReturnType<typeof createGzip> {
  if (compression === "gzip") return createGzip({ level: gzipLevel(level), chunkSize: 256 * 1024 });
  return createZstdCompress({ params: zstdParameters(level), chunkSize: 256 * 1024 }) as unknown as ReturnType<typeof createGzip>;
}

function newHome(tempDir: string): string {
  try {
    return mkdtempSync(join(tempDir, "seal-"));
  } catch (error) {
    throw diskFault(error, join(tempDir, "seal"));
  }
}

/** Waits for all, whatever happens, then judges: the first cause in the order disk, gpg, compressor is the one reported. */
export async function finishSealChain(chain: SealChain, sinkPath: string, { onSealedBytes, durable, flushBytes }: Pick<SealOptions, "onSealedBytes" | "durable" | "flushBytes">, inputEnded: () => boolean): Promise<SpoolDigests> {
  const [file, gpg, compressor] = await Promise.allSettled([spool(chain.output, sinkPath, onSealedBytes, { durable, flushBytes }), chain.gpg.done, chain.compressor]);
  await rm(chain.home, { recursive: true, force: true });
  const failed = (message: string, detail?: string, cause?: unknown): Fault =>
    new Fault("SEAL_FAILED", { params: { artifact: basename(sinkPath), message }, ...(detail ? { detail } : {}), cause });

  if (file.status === "rejected" && file.reason instanceof Fault) throw file.reason;
  if (gpg.status === "rejected") throw gpg.reason;
  if (gpg.value.code !== 0 && gpg.value.signal !== "SIGPIPE") throw gpgFault(chain, gpg.value, failed);
  if (compressor.status === "rejected") throw failed("the compressor failed", undefined, compressor.reason);
  if (file.status === "rejected") throw failed("the file could not be written", undefined, file.reason);
  if (gpg.value.code !== 0) throw failed(`gpg ended with ${outcomeText(gpg.value)}`, gpg.value.stderrTail);
  if (!inputEnded() || !chain.input.writableFinished || !chain.status.seen.has("END_ENCRYPTION")) throw failed("the programs ended before their input", gpg.value.stderrTail);
  return file.value;
}

function gpgFault(chain: SealChain, end: ToolEnd, failed: (message: string, detail?: string) => Fault): Fault {
  const refused = chain.status.refusedRecipients.map((path) => basename(path));
  if (refused.length > 0) {
    const message = end.stderrTail.split("\n").find((line) => line.includes(": skipped: "))?.replace(/^.*: skipped: /, "") ?? gpgMessage(end.stderrTail);
    return new Fault("KEY_UNUSABLE", { params: { fingerprint: refused.join(", "), message }, detail: end.stderrTail });
  }
  return failed(`gpg ended with ${outcomeText(end)}: ${gpgMessage(end.stderrTail)}`, end.stderrTail);
}
