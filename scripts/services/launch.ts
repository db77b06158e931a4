// Starts one real server for the demo, the tests or the bench and owns it until it ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** uid and gid servers run under when we are root: mysqld and postgres refuse root, and none of them needs it. */
const NOBODY = 65534;

/** A server that was started and answers. `stop` is idempotent and returns when the process is gone. */
export type RunningServer = {
  pid: number;
  /** File that holds what the server printed. */
  logFile: string;
  /** Resolves with the exit code or signal when the server ends, whoever ended it. */
  ended: Promise<string>;
  stop(): Promise<void>;
};

export type LaunchOptions = {
  /** For messages: «PostgreSQL». */
  title: string;
  file: string;
  args: string[];
  logFile: string;
  /** More environment: a server otherwise gets PATH and a plain locale. */
  env?: Record<string, string>;
  cwd?: string;
  /** Written to stdin, which is then closed: the way in for secrets. */
  input?: string;
  /** Signal of an orderly stop. Default SIGTERM. */
  stopSignal?: NodeJS.Signals;
  /** Milliseconds an orderly stop may take before SIGKILL. Default 20 000. */
  stopPatience?: number;
  /** Milliseconds until the server must answer. Default 60 000. */
  startPatience?: number;
  /** True when the server really answers; throwing counts as not yet. */
  ready(): Promise<boolean>;
};

/**
 * Starts the server as `nobody` when we are root, waits until it answers, and ties it to us: the kernel sends it the
 * stop signal when our process dies, even by kill -9.
 * @throws Error with the end of the server's log when it ends or does not answer in time
 */
export async function launch(options: LaunchOptions): Promise<RunningServer> {
  const { title, logFile, stopSignal = 'SIGTERM', stopPatience = 20_000, startPatience = 120_000 } = options;
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a', 0o600);
  const child: ChildProcess = spawn('setpriv', [...asUser(), '--pdeathsig', stopSignal.slice(3), '--', ...ifParentLives(), options.file, ...options.args], {
    cwd: options.cwd ?? '/',
    env: environment(options.env ?? {}),
    stdio: [options.input === undefined ? 'ignore' : 'pipe', log, log],
    // A group of its own: Ctrl-C reaches us alone, who end everything in order.
    detached: true,
  });
  closeSync(log);
  if (options.input !== undefined) child.stdin?.on('error', () => {}).end(options.input);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const stop = () => end(child, ended, stopSignal, stopPatience);
  try {
    await answer(options, ended, Date.now() + startPatience);
  } catch (error) {
    await stop();
    throw new Error(`${title} did not start: ${error instanceof Error ? error.message : error}\n${tail(logFile)}`, { cause: error });
  }
  return { pid: child.pid ?? 0, logFile, ended, stop };
}

/** A server's environment: nothing of ours but PATH. */
export function environment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const plain: Record<string, string> = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC', ...more };
  return plain as NodeJS.ProcessEnv; // Next's types want NODE_ENV in it
}

/**
 * What stands between setpriv and the server: had we died before the kernel was told to watch us, nobody would ever end
 * the server, so it does not start. A fixed script; file and arguments pass through it as they are.
 */
function ifParentLives(): string[] {
  return ['/bin/sh', '-c', '[ "$PPID" = "$0" ] || exit 1; exec "$@"', String(process.pid)];
}

/** setpriv arguments that drop root, for programs that must not run as root; none for other users. */
export function asUser(): string[] {
  return process.getuid?.() === 0 ? [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
}

/** Gives a file or folder to the user that servers run under. */
export function giveToServer(path: string): void {
  if (process.getuid?.() === 0) chownSync(path, NOBODY, NOBODY);
}

async function answer({ ready }: LaunchOptions, ended: Promise<string>, deadline: number): Promise<void> {
  let over: string | undefined;
  void ended.then((how) => {
    over = how;
  });
  // what blocked this process blocked its questions, too: some are asked after the time is up
  for (let late = 0; ; ) {
    if (over !== undefined) throw new Error(`it ended (${over})`);
    if (await ready().catch(() => false)) return;
    if (Date.now() > deadline && ++late === 3) throw new Error('it does not answer');
    await sleep(50);
  }
}

async function end(child: ChildProcess, ended: Promise<string>, signal: NodeJS.Signals, patience: number): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  await ended;
  clearTimeout(timer);
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').split('\n').slice(-15).join('\n');
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
