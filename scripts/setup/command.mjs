// Starts one program during set-up and waits for it: argv as an array, never a shell.
import { spawn } from 'node:child_process';

const KEPT_OUTPUT = 64 * 1024; // characters: enough to show why a program failed

/**
 * Runs a program to its end. Never rejects for a bad exit: `code` is 127 when it could not be started, 124 when it ran
 * longer than `timeoutMs` (it is killed then).
 * @returns {Promise<{code: number, out: string}>} exit code and the tail of stdout and stderr together
 */
export function command(file, args, { cwd, env = process.env, timeoutMs = 15 * 60_000, onLine, input } = {}) {
  return new Promise((resolve) => {
    let out = '';
    let expired = false;
    const child = spawn(file, args, { cwd, env, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
    const timer = setTimeout(() => {
      expired = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    const keep = (chunk) => {
      out = (out + chunk).slice(-KEPT_OUTPUT);
      if (onLine) for (const line of String(chunk).split('\n')) if (line.trim()) onLine(line.trim());
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    if (input !== undefined) child.stdin.on('error', () => {}).end(input);
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ code: 127, out: error.message });
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: expired ? 124 : (code ?? 1), out: out.trim() });
    });
  });
}

/** The last `count` lines of a program's output: what a fault shows as its reason. */
export function lastLines(text, count = 6) {
  return text.split('\n').filter((line) => line.trim()).slice(-count).join('\n              ');
}
