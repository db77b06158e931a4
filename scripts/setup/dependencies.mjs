// node_modules: installed when package.json or the lock file changed since the last time.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupFault, withProgress } from './say.mjs';

/** True when node_modules holds what package.json and package-lock.json ask for, as far as the last install knows. */
export function dependenciesAreCurrent(checkout) {
  const stamp = stampFile(checkout);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint(checkout);
}

/**
 * Runs `npm install` when needed. Never `npm ci`: a lock file written against a partial mirror lacks the optional
 * packages of other platforms and `npm ci` refuses it. `--no-save` leaves the lock file of the clone as it is. Install scripts stay off (newer npm does not run them either):
 * the few that are needed are done by set-up itself.
 */
export async function ensureDependencies(checkout) {
  if (dependenciesAreCurrent(checkout)) return;
  const folder = join(checkout, 'node_modules');
  await withProgress('installing npm packages', () => npmInstall(checkout), () => `${count(folder)} packages so far`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(stampFile(checkout), fingerprint(checkout));
}

function npmInstall(checkout) {
  return new Promise((resolve, reject) => {
    const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--include=dev', '--include=optional', '--no-save', '--loglevel=error'];
    const child = spawn('npm', args, { cwd: checkout, stdio: ['ignore', 2, 2] }); // npm's output to stderr: stdout stays ours
    child.on('error', (error) => reject(new SetupFault('npm cannot be started', error.message, 'install npm (it comes with Node) and try again')));
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new SetupFault(`npm install ended with code ${code}`, 'its own messages are above', 'see that this machine reaches its npm registry (npm config get registry), then try again'));
    });
  });
}

function fingerprint(checkout) {
  const hash = createHash('sha256');
  for (const name of ['package.json', 'package-lock.json']) hash.update(readFileSync(join(checkout, name)));
  return hash.digest('hex');
}

function stampFile(checkout) {
  return join(checkout, 'node_modules', '.salvagente-installed');
}

function count(folder) {
  try {
    return readdirSync(folder).length;
  } catch {
    return 0;
  }
}
