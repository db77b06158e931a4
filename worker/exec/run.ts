import { Fault } from "#lib/domain/fault/fault.ts";
import { Secret } from "#lib/platform/secret.ts";
import type { ExtraFds } from "./launch.ts";
import { spawnTool } from "./spawn-tool.ts";

const DEFAULT_LIMIT = 16 * 1024 * 1024;

export interface RunOptions {
  /** Text or bytes for standard input, which is then closed. Default: /dev/null. */
  readonly stdin?: string | Buffer | Secret;
  readonly extraFds?: ExtraFds | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; none by default. */
  readonly timeoutMs?: number;
  /** Most bytes of standard output that are kept, default 16 MiB; more is a fault, never a silent cut. */
  readonly stdoutLimit?: number;
}

export interface RunResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  /** Last 8000 characters. */
  readonly stderr: string;
}

/**
 * Runs a short command to its end and gives what it said; an exit code other than 0 is for the caller to judge.
 * Faults: TOOL_MISSING; CANCELLED (or the signal's own Fault) when aborted; TOOL_FAILED on timeout or too much output.
 */
export async function run(tool: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  if (options.signal?.aborted) throw abortFault(options.signal);
  const child = spawnTool(tool, args, {
    stdin: options.stdin === undefined ? "ignore" : "pipe",
    extraFds: options.extraFds,
    env: options.env,
    cwd: options.cwd,
    signal: options.signal,
  });
  let breach: string | undefined;
  const stop = (why: string): void => {
    breach ??= why;
    child.kill();
  };
  const chunks: Buffer[] = [];
  let kept = 0;
  const limit = options.stdoutLimit ?? DEFAULT_LIMIT;
  child.stdout?.on("data", (chunk: Buffer) => {
    kept += chunk.length;
    if (kept > limit) stop(`more than ${limit} bytes of output`);
    else chunks.push(chunk);
  });
  const timer = options.timeoutMs === undefined ? undefined : setTimeout(() => stop(`no end after ${options.timeoutMs} ms`), options.timeoutMs);
  child.stdin?.end(options.stdin instanceof Secret ? options.stdin.reveal() : options.stdin);
  try {
    const end = await child.done;
    if (end.killed && options.signal?.aborted) throw abortFault(options.signal);
    if (breach) throw new Fault("TOOL_FAILED", { params: { tool, outcome: breach }, detail: end.stderrTail });
    return { code: end.code, signal: end.signal, stdout: Buffer.concat(chunks).toString("utf8"), stderr: end.stderrTail };
  } finally {
    clearTimeout(timer);
  }
}

/** The reason of an abort as a Fault: the signal's own, else CANCELLED. */
export function abortFault(signal: AbortSignal): Fault {
  return signal.reason instanceof Fault ? signal.reason : new Fault("CANCELLED", { cause: signal.reason });
}
