import type { ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { Fault } from "#lib/domain/fault/fault.ts";
import { endWithUs, giveWay, type LaunchOptions, launch, signalGroup } from "./launch.ts";
import { lineSplitter } from "./line-splitter.ts";

const TAIL_CHARACTERS = 8000;
const GRACE_MS = 5000;
const DRAIN_MS = 1000;

export interface SpawnOptions extends LaunchOptions {
  /** Aborting asks the child to end (SIGTERM), and ends it 5 s later (SIGKILL). */
  readonly signal?: AbortSignal | undefined;
  /** Each line of standard error, without its newline, as it arrives. */
  readonly onStderrLine?: ((line: string) => void) | undefined;
}

/** How a child ended. Only `code === 0` is success; its output alone proves nothing. */
export interface ToolEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Last 8000 characters of standard error. */
  readonly stderrTail: string;
  /** Did we end it, or the wait for its output (kill or abort)? */
  readonly killed: boolean;
}

export interface RunningTool {
  readonly pid: number;
  /** Present when asked for with `stdin: "pipe"`. Writing to a child that is gone fails with EPIPE on this stream. */
  readonly stdin: Writable | null;
  /** Present unless sent elsewhere. Must be read (or destroyed), or `done` never comes. Its end alone says nothing about success. */
  readonly stdout: Readable | null;
  /** Settles when the process has ended and all its streams are closed. Rejects only if it could not be started (Fault TOOL_MISSING). */
  readonly done: Promise<ToolEnd>;
  /** SIGTERM to the whole group, SIGKILL 5 s later. Safe to call at any time, more than once. */
  kill(): void;
  /** From now on with this niceness (0 to 19), if it still runs. Of its main thread. */
  giveWay(niceness: number): void;
  /**
   * Halts the whole group (SIGSTOP) until {@link resume}. Nothing happens to one that was not started `haltable`, has ended or is being ended, nor where a dead worker would leave it
   * halted for ever.
   */
  halt(): void;
  /** Lets it go on. Safe to call at any time. */
  resume(): void;
}

/** Starts a long-running program whose output is streamed. See {@link launch} for what it inherits. Fault TOOL_MISSING. */
export function spawnTool(tool: string, args: readonly string[], options: SpawnOptions = {}): RunningTool {
  const child = launch(tool, args, options);
  const pid = child.pid ?? -1;
  let killed = false;
  let halted = false;
  let graceTimer: NodeJS.Timeout | undefined;

  const kill = (): void => {
    if (killed || pid < 0) return;
    killed = true;
    // It ended by itself, but something that it started (a daemon, say) holds its output: that one is not ours to kill, waiting for it is over.
    if (child.exitCode !== null || child.signalCode !== null) {
      destroyStreams(child);
      return;
    }
    signalGroup(pid, "SIGTERM");
    // It takes the signal when it goes on.
    resume();
    graceTimer = setTimeout(() => signalGroup(pid, "SIGKILL"), GRACE_MS);
  };
  const running = (): boolean => pid > 0 && child.exitCode === null && child.signalCode === null;
  const halt = (): void => {
    if (!options.haltable || killed || halted || !running() || !endWithUs()) return;
    halted = true;
    signalGroup(pid, "SIGSTOP");
  };
  const resume = (): void => {
    if (halted && running()) signalGroup(pid, "SIGCONT");
    halted = false;
  };
  const done = ending(child, tool, options.onStderrLine, () => killed).finally(() => {
    clearTimeout(graceTimer);
    options.signal?.removeEventListener("abort", kill);
  });
  // Who never looks at `done` still must not crash the worker; who looks gets the rejection.
  done.catch(() => undefined);
  if (options.signal?.aborted) kill();
  else options.signal?.addEventListener("abort", kill, { once: true });
  return { pid, stdin: child.stdin, stdout: child.stdout, done, kill, giveWay: (niceness) => void (running() && giveWay(pid, niceness)), halt, resume };
}

/** One line for people: `mysqldump` `exit code 2` → used as params of Fault TOOL_FAILED and in messages. */
export function outcomeText(end: Pick<ToolEnd, "code" | "signal">): string {
  return end.signal ? `signal ${end.signal}` : `exit code ${end.code}`;
}

function ending(child: ChildProcess, tool: string, onLine: ((line: string) => void) | undefined, wasKilled: () => boolean): Promise<ToolEnd> {
  let tail = "";
  const lines = lineSplitter((line) => {
    tail = `${tail}${line}\n`.slice(-TAIL_CHARACTERS);
    onLine?.(line);
  });
  child.stderr?.on("data", lines.write);
  // EPIPE and the like reach the writer through its own listeners; without any listener they would end the worker.
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.on("error", () => undefined);
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => {
      if (child.pid === undefined) reject(new Fault("TOOL_MISSING", { params: { tool }, cause }));
    });
    child.once("exit", () => {
      if (wasKilled()) setTimeout(() => closeStreams(child), DRAIN_MS).unref();
    });
    child.once("close", (code, signal) => {
      lines.end();
      resolve({ code, signal, stderrTail: tail, killed: wasKilled() });
    });
  });
}

/** A killed child's grandchildren, or nobody reading, may hold the streams open for ever. */
function closeStreams(child: ChildProcess): void {
  if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
  destroyStreams(child);
}

function destroyStreams(child: ChildProcess): void {
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
}
