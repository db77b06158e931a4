import { type ChildProcess, type StdioOptions, spawn, spawnSync } from "node:child_process";
import { accessSync, closeSync, constants, readdirSync, statSync } from "node:fs";
import type { Socket } from "node:net";
import { setPriority } from "node:os";
import { delimiter, join } from "node:path";
import type { Readable } from "node:stream";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Secret } from "#lib/platform/secret.ts";
import { childEnvironment } from "./environment.ts";
import { openSecretFile } from "./secret-file.ts";

/** Content for descriptors 3 and up; the child reads it there or opens `/dev/fd/<n>`. */
export type ExtraFds = Readonly<Record<number, string | Secret>>;

export interface LaunchOptions {
  /** `ignore` (default): /dev/null. `pipe`: we write. A child's stdout: connected in the kernel, see {@link launch}. */
  readonly stdin?: "ignore" | "pipe" | Readable;
  /** `pipe` (default), `ignore`, the descriptor of an open file, or a connected socket, which is closed here then. */
  readonly stdout?: "pipe" | "ignore" | number | Socket;
  readonly extraFds?: ExtraFds | undefined;
  /** The account that may open `/dev/fd/<n>`, where the program is started under another than this process'. */
  readonly fdOwner?: { readonly uid: number; readonly gid: number } | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  /** -20 to 19 as of setpriority(2); 10 is a considerate background job. */
  readonly niceness?: number | undefined;
  /** It will be halted now and then: it ends with this process by SIGKILL, since a halted program takes no other signal. Default: by SIGTERM. */
  readonly haltable?: boolean | undefined;
}

/** Groups of children that are alive, killed when this process exits in an orderly way. */
const alive = new Set<number>();
let exitHooked = false;

/**
 * Starts a program, argv as given, never through a shell, in a process group of its own, with a clean environment.
 * Children do not outlive the worker: `setpriv --pdeathsig` makes the kernel end them even when the worker is killed with -9.
 * A Readable given as stdin must be another child's stdout of the *same tick*: its bytes then go from child to child without passing here.
 * Fault TOOL_MISSING.
 */
export function launch(tool: string, args: readonly string[], options: LaunchOptions): ChildProcess {
  const path = locate(tool);
  const setpriv = setprivPath();
  const [file, argv]: [string, string[]] = setpriv ? [setpriv, ["--pdeathsig", options.haltable ? "KILL" : "TERM", "--", path, ...args]] : [path, [...args]];
  const env = childEnvironment(options.env) as NodeJS.ProcessEnv;
  const { fds, stdio } = descriptors(options);
  try {
    const child = spawn(file, argv, { stdio, env, ...(options.cwd === undefined ? {} : { cwd: options.cwd }), detached: true });
    if (child.pid !== undefined) track(child, child.pid, options.niceness);
    // The kernel has given the reading end to the new child; ours would keep the writer from noticing its death.
    if (typeof options.stdin === "object") options.stdin.destroy();
    if (typeof options.stdout === "object") options.stdout.destroy();
    return child;
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}

/** Do children end with this process whatever ends it? Not where setpriv is missing. */
export function endWithUs(): boolean {
  return setprivPath() !== null;
}

/** Absolute path of a program given by path or by name. Fault TOOL_MISSING. */
export function locate(tool: string): string {
  const candidates = tool.includes("/") ? [tool] : (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, tool));
  const found = candidates.find(isProgram);
  if (!found) throw new Fault("TOOL_MISSING", { params: { tool: tool || "(no path configured)" } });
  return found;
}

/** Sends the signal to the child and all it started. A group that is gone is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function descriptors(options: LaunchOptions): { fds: number[]; stdio: StdioOptions } {
  const stdio: (number | "ignore" | "pipe" | Readable | Socket)[] = [options.stdin ?? "ignore", options.stdout ?? "pipe", "pipe"];
  const fds: number[] = [];
  try {
    for (const [place, content] of Object.entries(options.extraFds ?? {})) {
      const fd = openSecretFile(content, options.fdOwner);
      fds.push(fd);
      while (stdio.length < Number(place)) stdio.push("ignore");
      stdio[Number(place)] = fd;
    }
  } catch (error) {
    for (const fd of fds) closeSync(fd);
    throw error;
  }
  return { fds, stdio };
}

function track(child: ChildProcess, pid: number, niceness: number | undefined): void {
  alive.add(pid);
  child.once("exit", () => alive.delete(pid));
  if (!exitHooked) {
    exitHooked = true;
    process.once("exit", () => {
      for (const group of alive) signalGroup(group, "SIGTERM");
    });
  }
  if (niceness !== undefined) giveWay(pid, niceness);
}

/** Sets the niceness (-20 to 19, as of setpriority(2)) of a child's main thread. */
export function giveWay(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness);
  } catch {
    // Already gone, or a lower value than our own without the right to it: the job runs all the same.
  }
}

/** This process with all its threads, and with those that it makes from now on: for a program that does one thing and ends, since nothing takes it back. */
export function giveWayWhole(niceness: number): void {
  for (const thread of readdirSync("/proc/self/task")) giveWay(Number(thread), niceness);
}

let setpriv: string | null | undefined;

/** util-linux' setpriv if it knows --pdeathsig (2.33 and up; busybox' does not), else null. Asked once. */
function setprivPath(): string | null {
  if (setpriv === undefined) {
    const path = ["/usr/bin/setpriv", "/bin/setpriv"].find(isProgram);
    const works = path !== undefined && spawnSync(path, ["--pdeathsig", "TERM", "--", path, "--version"], { stdio: "ignore", timeout: 5000 }).status === 0;
    setpriv = works ? path : null;
  }
  return setpriv;
}
