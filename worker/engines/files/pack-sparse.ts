import { Fault } from "#lib/domain/fault/fault.ts";
import { locate } from "#worker/exec/launch.ts";
import { openOutputSocket } from "#worker/exec/output-socket.ts";
import { abortFault } from "#worker/exec/run.ts";
import { outcomeText, spawnTool } from "#worker/exec/spawn-tool.ts";
import type { SealWriter } from "#worker/streams/seal.ts";
import { packArguments } from "./tar-arguments.ts";

/**
 * The last members of an archive and its end, by GNU tar: files whose holes shall stay holes. Paths are below `data`.
 * Faults: TOOL_MISSING, TOOL_FAILED, whatever the writer fails with.
 */
export async function packSparse(job: { readonly data: string; readonly signal: AbortSignal; readonly onBytes?: (bytes: number) => void }, paths: readonly string[], writer: SealWriter): Promise<void> {
  const tar = locate("tar");
  const socket = await openOutputSocket();
  const child = spawnTool(tar, packArguments(job.data), { stdin: "pipe", stdout: socket.childEnd, signal: job.signal, niceness: 10 });
  try {
    child.stdin?.end(paths.map((path) => `${path}\0`).join(""));
    for await (const chunk of socket.output) {
      await writer.write(chunk);
      job.onBytes?.(chunk.length);
    }
    const end = await child.done;
    if (job.signal.aborted) throw abortFault(job.signal);
    // 1 says that a file changed while it was read: the server was not stopped.
    if (end.code !== 0) throw new Fault("TOOL_FAILED", { params: { tool: "tar", outcome: outcomeText(end) }, detail: end.stderrTail });
  } catch (error) {
    child.kill();
    socket.destroy();
    await child.done.catch(() => undefined);
    throw error;
  }
}
