import type { Readable } from "node:stream";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { RunAs } from "#worker/engines/sandbox/run-as.ts";
import { locate } from "#worker/exec/launch.ts";
import { abortFault } from "#worker/exec/run.ts";
import { outcomeText, spawnTool, type ToolEnd } from "#worker/exec/spawn-tool.ts";
import { drained } from "#worker/streams/drained.ts";
import { unpackArguments } from "./tar-arguments.ts";

interface UnpackOptions {
  readonly signal: AbortSignal;
  readonly onBytes?: (bytes: number) => void;
  /** Told once when the first member that is no folder is begun. */
  readonly onFirstFile?: (() => void) | undefined;
}

/**
 * Unpacks one plain archive below `data`, as the account that shall own the files: it can write nowhere that this account cannot.
 * Files of an earlier try are replaced. Faults: DISK_FULL, TOOL_FAILED, and whatever the stream fails with (that one comes first).
 */
export async function unpackFiles(plain: Readable, data: string, account: RunAs, options: UnpackOptions): Promise<void> {
  const { onFirstFile } = options;
  const [program, ...argv] = [...account.prefix, locate("tar"), ...unpackArguments(data, onFirstFile !== undefined)];
  const child = spawnTool(program ?? "tar", argv, { stdin: "pipe", ...(onFirstFile ? {} : { stdout: "ignore" as const }), signal: options.signal });
  if (onFirstFile && child.stdout) watchNames(child.stdout, onFirstFile);
  const input = child.stdin;
  if (!input) throw new Error("tar has no input");
  let ended: ToolEnd | undefined;
  void child.done.then((end) => (ended = end), () => undefined);
  const feed = async (): Promise<void> => {
    try {
      for await (const chunk of plain as AsyncIterable<Buffer>) {
        // tar is done at the archive's end mark; what pads it out is still read, since the stream's end proves its bytes.
        if (ended && ended.code !== 0) throw new Error("tar ended early");
        if (!input.destroyed && !input.write(chunk)) await drained(input);
        options.onBytes?.(chunk.length);
      }
    } catch (error) {
      child.kill();
      throw error;
    } finally {
      input.end();
    }
  };
  const [fed, end] = await Promise.allSettled([feed(), child.done]);
  if (options.signal.aborted) throw abortFault(options.signal);
  if (fed.status === "rejected" && fed.reason instanceof Fault) throw fed.reason;
  if (end.status === "rejected") throw end.reason;
  if (end.value.code === 0 && fed.status === "fulfilled") return;
  const detail = end.value.stderrTail;
  if (/No space left on device|Disk quota exceeded/i.test(detail)) throw new Fault("DISK_FULL", { params: { path: data }, detail });
  throw new Fault("TOOL_FAILED", { params: { tool: "tar", outcome: outcomeText(end.value) }, detail, ...(fed.status === "rejected" ? { cause: fed.reason } : {}) });
}

/** Names of folders end in a slash. */
function watchNames(names: Readable, onFirstFile: () => void): void {
  let text = "";
  let found = false;
  names.on("data", (chunk: Buffer) => {
    if (found) return;
    text += chunk.toString("latin1");
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    if (lines.every((line) => line.endsWith("/"))) return;
    found = true;
    onFirstFile();
  });
}
