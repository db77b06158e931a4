// Starts the runners (tsc, vitest, playwright ...) one at a time; when we are told to stop, they are told too.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

export const CHECKOUT = join(import.meta.dirname, '../..');

const running = new Set<ChildProcess>();

/** Runs a program with our own output. Resolves with its exit code; 128 when a signal ended it, 127 when it never began. */
export function program(file: string, args: string[], more: Record<string, string> = {}): Promise<number> {
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', file, ...args], { cwd: CHECKOUT, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...more } });
  running.add(child);
  return new Promise((resolve) => {
    const done = (code: number) => {
      running.delete(child);
      resolve(code);
    };
    child.once('error', () => done(127));
    child.once('exit', (code) => done(code ?? 128));
  });
}

/** Runs the command-line entry of an npm package (path inside node_modules) under this Node. */
export function packageProgram(path: string, args: string[], more: { env?: Record<string, string>; node?: string[] } = {}): Promise<number> {
  return program(process.execPath, [...(more.node ?? []), join(CHECKOUT, 'node_modules', path), ...args], more.env);
}

/** Tells every running program to stop and waits for it, half a minute at most. */
export async function endPrograms(signal: NodeJS.Signals): Promise<void> {
  await Promise.all(
    [...running].map((child) => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      setTimeout(() => child.kill('SIGKILL'), 30_000).unref();
      return ended;
    }),
  );
}
