// One set-up at a time per tools folder: the second waits, then finds the work done.
import { spawn } from 'node:child_process';
import { SetupFault, say } from './say.mjs';

const PATIENCE_SECONDS = 1800;

/**
 * Runs `work` while holding an exclusive flock(1) on `file`. The lock lives in a child whose stdin is our pipe: when we
 * die, however we die, the pipe closes, the child ends and the kernel drops the lock.
 */
export async function withLock(file, work) {
  const child = spawn('flock', ['--exclusive', '--wait', String(PATIENCE_SECONDS), file, 'sh', '-c', 'echo held; exec cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const waiting = setTimeout(() => say(`another run holds ${file}, waiting for it ...`), 1500);
  try {
    await new Promise((resolve, reject) => {
      child.stdout.once('data', resolve);
      child.on('error', (error) => reject(noLock(file, error.message)));
      child.on('close', (code) => reject(noLock(file, `flock ended with code ${code}`)));
    });
    clearTimeout(waiting);
    return await work();
  } finally {
    clearTimeout(waiting);
    child.stdin.destroy();
    await ended;
  }
}

function noLock(file, why) {
  return new SetupFault(`cannot lock ${file}`, why, 'if another set-up hangs, end it and try again; flock comes with the package util-linux');
}
