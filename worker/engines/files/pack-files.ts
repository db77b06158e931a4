import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { Artifact } from "#lib/contract/manifest/manifest.ts";
import { type ArchiveContent, archiveName } from "#lib/domain/backup/artifact-names.ts";
import type { SizedFile } from "#lib/domain/backup/balance-files.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { abortFault } from "#worker/exec/run.ts";
import type { Tools } from "#worker/ports/tools.ts";
import { type FileCompression, levelOf } from "#worker/streams/compression.ts";
import { type SealWriter, seal } from "#worker/streams/seal.ts";
import { packSparse } from "./pack-sparse.ts";
import { SourceFile } from "./source-file.ts";
import { tarEnd, tarHeader, tarPadding } from "./tar-entries.ts";

export interface PackJob {
  /** Data directory of a stopped server. */
  readonly data: string;
  /** What `data` holds; tells in the name. Default: a whole data directory. */
  readonly holds?: ArchiveContent | undefined;
  /** Spool folder of the set. */
  readonly folder: string;
  /** Number of this part, from 1. */
  readonly part: number;
  readonly files: readonly SizedFile[];
  /** Folders that this part makes. */
  readonly folders: readonly string[];
  readonly compression: FileCompression;
  readonly recipients: readonly string[];
  readonly tools: Pick<Tools, "gpg">;
  readonly tempDir: string;
  readonly signal: AbortSignal;
  /** Plain bytes packed since the last call. */
  readonly onBytes?: (bytes: number) => void;
  /** So many sealed bytes are brought to disk at a time. Default: as {@link seal} has it. */
  readonly flushBytes?: number | undefined;
  /** Asked before each block, with the bytes of the one before it: a promise asks to wait. */
  readonly hold?: ((bytes: number) => Promise<void> | undefined) | undefined;
}

/**
 * One part of a physical set: tar archive → compress → OpenPGP → spool file, in one pass. Files are read straight to where they are compressed from; only
 * those with holes (page compression punches them) go through GNU tar, which knows how to keep them.
 * Faults: SANDBOX_FAILED (a file changed while it was read: no stopped server's), TOOL_MISSING, TOOL_FAILED, those of {@link seal}.
 */
export async function packFiles(job: PackJob): Promise<Artifact> {
  const name = archiveName(job.compression.codec, job.part, job.holds);
  const { compression, recipients, tools, tempDir, signal } = job;
  const { level, noted } = levelOf(compression, name);
  const writer = seal({ compression: compression.codec, level, recipients, tools, tempDir, signal, niceness: 10, plainDigest: false, durable: false, flushBytes: job.flushBytes }, join(job.folder, name));
  try {
    for (const path of job.folders) await writer.write(tarHeader({ path, kind: "folder", bytes: 0, ...(await attributes(job, path)) }));
    const sparse: string[] = [];
    for (const { path } of job.files) {
      if (!(await packDense(job, path, writer))) sparse.push(path);
    }
    if (sparse.length > 0) await packSparse(job, sparse, writer);
    else await writer.write(tarEnd(writer.plainBytes));
    const { plainBytes, sealedBytes, sealedSha256, sealedMd5 } = await writer.end();
    return { name, role: "files", files: job.files.length, ...noted, plain: { bytes: plainBytes, sha256: null }, sealed: { bytes: sealedBytes, sha256: sealedSha256, md5: sealedMd5 } };
  } catch (error) {
    await writer.abort(error);
    throw error;
  }
}

async function attributes({ data }: PackJob, path: string): Promise<{ mode: number; modifiedAt: number }> {
  const { mode, mtimeMs } = await lstat(join(data, path));
  return { mode, modifiedAt: mtimeMs / 1000 };
}

/** False, with nothing written, where the file has holes. */
async function packDense(job: PackJob, path: string, writer: SealWriter): Promise<boolean> {
  const gone = (error: NodeJS.ErrnoException): never => {
    throw error.code === "ENOENT" ? changed(path) : error;
  };
  const file = await SourceFile.open(join(job.data, path)).catch(gone);
  try {
    const { size, blocks, mode, mtimeMs, ctimeMs } = await file.stat();
    if (blocks * 512 < size) return false;
    await writer.write(tarHeader({ path, kind: "file", bytes: size, mode, modifiedAt: mtimeMs / 1000 }));
    if (!(await copyBytes(job, file, size, writer).catch(gone))) throw changed(path);
    await writer.write(tarPadding(size));
    const after = await file.stat();
    if (after.size !== size || after.mtimeMs !== mtimeMs || after.ctimeMs !== ctimeMs) throw changed(path);
    return true;
  } finally {
    await file.close();
  }
}

async function copyBytes({ signal, onBytes, hold }: PackJob, file: SourceFile, size: number, writer: SealWriter): Promise<boolean> {
  for (let at = 0, last = 0; at < size; ) {
    if (signal.aborted) throw abortFault(signal);
    const wait = hold?.(last);
    if (wait) await wait;
    const read = await writer.fill((room) => file.read(room, at, size - at));
    if (read === 0) return false;
    at += read;
    last = read;
    onBytes?.(read);
  }
  return true;
}

function changed(path: string): Fault {
  return new Fault("SANDBOX_FAILED", { params: { message: `${path} changed while it was packed` } });
}
