import { join } from "node:path";
import type { Compression } from "#lib/contract/config/policy.ts";
import type { Artifact } from "#lib/contract/manifest/manifest.ts";
import { archiveName } from "#lib/domain/backup/artifact-names.ts";
import type { SizedFile } from "#lib/domain/backup/balance-files.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { locate } from "#worker/exec/launch.ts";
import { openOutputSocket } from "#worker/exec/output-socket.ts";
import { abortFault } from "#worker/exec/run.ts";
import { outcomeText, spawnTool } from "#worker/exec/spawn-tool.ts";
import type { Tools } from "#worker/ports/tools.ts";
import { seal } from "#worker/streams/seal.ts";
import { packArguments } from "./tar-arguments.ts";

export interface PackJob {
  /** Data directory of a stopped server. */
  readonly data: string;
  /** Spool folder of the set. */
  readonly folder: string;
  /** Number of this part, from 1. */
  readonly part: number;
  readonly files: readonly SizedFile[];
  /** Folders that this part makes. */
  readonly folders: readonly string[];
  readonly compression: Compression;
  readonly recipients: readonly string[];
  readonly tools: Pick<Tools, "gpg">;
  readonly tempDir: string;
  readonly signal: AbortSignal;
  /** Plain bytes packed since the last call. */
  readonly onBytes?: (bytes: number) => void;
}

/** One part of a physical set: tar → compress → OpenPGP → spool file, in one pass. Faults: TOOL_MISSING, TOOL_FAILED, those of {@link seal}. */
export async function packFiles(job: PackJob): Promise<Artifact> {
  const tar = locate("tar");
  const name = archiveName(job.compression.codec, job.part);
  const socket = await openOutputSocket();
  const writer = await sealed(job, name, socket.destroy);
  const child = spawnTool(tar, packArguments(job.data), { stdin: "pipe", stdout: socket.childEnd, signal: job.signal, niceness: 10 });
  try {
    child.stdin?.end([...job.folders, ...job.files.map(({ path }) => path)].map((path) => `${path}\0`).join(""));
    for await (const chunk of socket.output) {
      const wait = writer.write(chunk);
      if (wait) await wait;
      job.onBytes?.(chunk.length);
    }
    const end = await child.done;
    if (job.signal.aborted) throw abortFault(job.signal);
    // 1 says that a file changed while it was read: the server was not stopped.
    if (end.code !== 0) throw new Fault("TOOL_FAILED", { params: { tool: "tar", outcome: outcomeText(end) }, detail: end.stderrTail });
    const { plainBytes, sealedBytes, sealedSha256, sealedMd5 } = await writer.end();
    return { name, role: "files", files: job.files.length, plain: { bytes: plainBytes, sha256: null }, sealed: { bytes: sealedBytes, sha256: sealedSha256, md5: sealedMd5 } };
  } catch (error) {
    child.kill();
    socket.destroy();
    await writer.abort(error);
    await child.done.catch(() => undefined);
    throw error;
  }
}

async function sealed(job: PackJob, name: string, undo: () => void): Promise<ReturnType<typeof seal>> {
  try {
    const { compression, recipients, tools, tempDir, signal } = job;
    return seal({ compression: compression.codec, level: compression.level, recipients, tools, tempDir, signal, niceness: 10, plainDigest: false }, join(job.folder, name));
  } catch (error) {
    undo();
    throw error;
  }
}
