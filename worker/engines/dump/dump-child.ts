import { existsSync } from "node:fs";
import { Fault } from "#lib/domain/fault/fault.ts";
import { type GatedFile, withParent } from "#worker/exec/gated-file.ts";
import type { OutputSocket } from "#worker/exec/output-socket.ts";
import { abortFault } from "#worker/exec/run.ts";
import { outcomeText, type RunningTool, type SpawnOptions, spawnTool } from "#worker/exec/spawn-tool.ts";
import type { Secret } from "#lib/platform/secret.ts";

/**
 * Lines of standard error that mean something went wrong, even with exit code 0: whatever the program says in its own name but warnings, and errors
 * without a name. Progress of --verbose is not listed to pass: it holds table names, and a name may hold a newline.
 */
const COMPLAINTS = [/^\S*(?:mysqldump|mariadb-dump)\S*: (?!\[?(?:Warning|Note)\b)/i, /^(?!ERROR: ld\.so:)(?:Error|Fatal|Couldn't|Got error)\b/i];

/**
 * The dump programs write 4 KiB at a time into a pipe; with a larger buffer from coreutils 1.1 GB cost them 0.7 instead of 2.3 s of system time.
 * Where stdbuf is not there or its library does not fit, they write as they are used to.
 */
const BUFFERED: readonly string[] = existsSync("/usr/bin/stdbuf") ? ["/usr/bin/stdbuf", "-o256K"] : [];

export interface DumpChildOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly login: Secret;
  /** Where the program finds its login, named in `args`, and stands still until it is let in. Absent: it has it on descriptor 3 from the beginning. */
  readonly gate?: GatedFile | undefined;
  readonly pluginDir?: string | undefined;
  readonly signal: AbortSignal;
  /** Where much output goes instead of a pipe of Node's. */
  readonly socket?: OutputSocket | undefined;
  /** As of setpriority(2), from the moment at which it stands in its snapshot: before that, writers may be waiting for it. Default: this process' own. */
  readonly niceness?: number | undefined;
}

/** A running dump program: its output must be read to the end, then `settle` tells whether it may be believed. */
export interface DumpChild {
  readonly tool: RunningTool;
  /** What it writes; a piece may be valid only until the next one is asked for. */
  readonly output: AsyncIterable<Buffer>;
  /** Resolves once the program runs and stands at its gate, if it has one: it knows no server yet and no password. Rejects if it ended first. */
  readonly atGate: Promise<void>;
  /** Opens the gate; once. */
  letIn(): void;
  /** Resolves once the child stands in its snapshot: its transaction is open and its own coordinate read. Rejects if it ended first. */
  readonly inSnapshot: Promise<void>;
  /** Faults DUMP_FAILED unless the child exited with 0 and standard error holds no complaint. */
  settle(): Promise<void>;
}

/** Starts mysqldump or mariadb-dump. The exit code alone proves nothing: privileges that lack make it leave things out and exit with 0. */
export function startDump(options: DumpChildOptions): DumpChild {
  const { gate } = options;
  const complaints: string[] = [];
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => undefined);
  let standing = false;
  const stands = (): void => {
    if (standing) return;
    standing = true;
    ready.resolve();
    if (options.niceness !== undefined) tool.giveWay(options.niceness);
  };
  const argv = [...BUFFERED, options.program, ...options.args];
  const [program, ...args] = (gate ? withParent(argv) : argv) as [string, ...string[]];
  const tool = start(options, program, args, {
    signal: options.signal,
    ...(gate ? {} : { extraFds: { 3: options.login } }),
    ...(options.socket ? { stdout: options.socket.childEnd } : {}),
    ...(options.pluginDir ? { env: { LIBMYSQL_PLUGIN_DIR: options.pluginDir } } : {}),
    onStderrLine(line) {
      if (/^-- (Setting savepoint|Retrieving table structure)/.test(line)) stands();
      if (COMPLAINTS.some((pattern) => pattern.test(line))) complaints.push(line);
    },
  });
  const output = options.socket?.output ?? tool.stdout;
  if (!output) throw new Error("the dump child has no output");
  const failure = async (): Promise<Fault | undefined> => {
    const end = await tool.done;
    if (options.signal.aborted) return abortFault(options.signal);
    if (end.code === 0 && complaints.length === 0) return undefined;
    const message = complaints[0] ?? outcomeText(end);
    return new Fault(codeOf(message), { params: { tool: programName(options.program), message, server: "", object: quotedObject(message) }, detail: end.stderrTail });
  };
  tool.done.then(
    async () => ready.reject((await failure()) ?? new Fault("DUMP_FAILED", { params: { tool: programName(options.program), message: "ended before its snapshot" } })),
    (error) => ready.reject(error),
  );
  const ended = new AbortController();
  const gone = (): void => {
    ended.abort();
    gate?.close();
  };
  tool.done.then(gone, gone);
  // What ended the program says more than that it came to no gate.
  const atGate = gate ? gate.opened(AbortSignal.any([options.signal, ended.signal])).catch(() => ready.promise) : Promise.resolve();
  atGate.catch(() => undefined);
  return {
    tool,
    output,
    atGate,
    letIn: () => gate?.release(options.login),
    inSnapshot: ready.promise,
    async settle() {
      const fault = await failure();
      if (fault) throw fault;
    },
  };
}

/** A child that could not be started leaves no socket behind. */
function start({ socket }: DumpChildOptions, program: string, args: readonly string[], options: SpawnOptions): RunningTool {
  try {
    return spawnTool(program, args, options);
  } catch (error) {
    socket?.destroy();
    throw error;
  }
}

/** The table that a message names, for texts that name an object. */
function quotedObject(message: string): string {
  return /[`'](.+?)[`']/.exec(message)?.[1] ?? "a table";
}

function codeOf(message: string): "DDL_DURING_DUMP" | "DUMP_FAILED" {
  // 1412: table definition has changed; 1146/1050: dropped or renamed under the dump.
  return /\b(1412|1146)\b|definition has changed|Couldn't read status information|doesn't exist/i.test(message) ? "DDL_DURING_DUMP" : "DUMP_FAILED";
}

function programName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
