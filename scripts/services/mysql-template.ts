// A new data directory: a copy of one initialised once per version and kept in the tools folder (0.2 s instead of 4 s).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '#scripts/setup/lock.mjs';
import { toolPaths } from '#scripts/setup/tools.ts';
import { asUser, giveToServer } from './launch.ts';

/** Options that are fixed when a data directory is initialised: a copied template would contradict them. */
const FIXED_AT_INITIALISATION = /^--(lower[-_]case[-_]table[-_]names|innodb[-_](page[-_]size|data[-_]file[-_]path|undo[-_]directory|data[-_]home[-_]dir))/;

/** Fills the empty or missing `dataDir`: root@localhost without password (the start sets one). */
export async function prepareDataDir(flavor: 'mysql' | 'mariadb', dataDir: string, options: string[]): Promise<void> {
  const fixed = options.filter((option) => FIXED_AT_INITIALISATION.test(option));
  if (fixed.length > 0) {
    initialise(flavor, dataDir, fixed);
    return;
  }
  const tools = toolPaths();
  const templates = join(tools.toolsFolder, 'templates');
  const template = join(templates, `${flavor}-${versionKey(flavor)}-${process.getuid?.() === 0 ? 'nobody' : process.getuid?.()}`);
  if (!existsSync(template)) {
    mkdirSync(templates, { recursive: true });
    await withLock(`${template}.lock`, async () => {
      if (existsSync(template)) return;
      rmSync(`${template}.new`, { recursive: true, force: true });
      initialise(flavor, `${template}.new`, []);
      rmSync(join(`${template}.new`, 'auto.cnf'), { force: true }); // every copy gets a server_uuid of its own
      renameSync(`${template}.new`, template);
    });
  }
  makeEmpty(dataDir);
  run('cp', ['-a', '--reflink=auto', `${template}/.`, dataDir]);
}

function initialise(flavor: 'mysql' | 'mariadb', dataDir: string, options: string[]): void {
  makeEmpty(dataDir);
  const temporary = `${dataDir}.tmp`;
  makeEmpty(temporary);
  try {
    fill(flavor, dataDir, [`--tmpdir=${temporary}`, ...options]);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function fill(flavor: 'mysql' | 'mariadb', dataDir: string, options: string[]): void {
  const tools = toolPaths();
  if (flavor === 'mysql') {
    // the smallest redo log keeps the template small; a start enlarges it
    runAsServer(tools.mysql.mysqld, ['--no-defaults', '--initialize-insecure', `--datadir=${dataDir}`, '--innodb-redo-log-capacity=8M', ...options]);
    return;
  }
  const { basedir } = tools.mariadb;
  const script = join(basedir, 'bin/mariadb-install-db');
  runAsServer('/bin/sh', [script, '--no-defaults', `--basedir=${basedir}`, `--datadir=${dataDir}`, '--auth-root-authentication-method=normal', '--skip-test-db', '--innodb-log-file-size=8M', ...options]);
}

function makeEmpty(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o750 });
  giveToServer(dataDir);
}

/** Server version as a folder name: a newer server must not start on an older template without being asked to. */
function versionKey(flavor: 'mysql' | 'mariadb'): string {
  const tools = toolPaths();
  const program = flavor === 'mysql' ? tools.mysql.mysqld : tools.mariadb.mariadbd;
  return run(program, ['--no-defaults', '--version']).match(/Ver ([\w.-]+)/)?.[1] ?? 'unknown';
}

function runAsServer(file: string, args: string[]): void {
  run('setpriv', [...asUser(), '--no-new-privs', '--', file, ...args]);
}

function run(file: string, args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(file, args, { cwd: '/', encoding: 'utf8', timeout: 180_000, maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0) throw new Error(`${file} failed (${error?.message ?? `exit code ${status}`}): ${stderr}${stdout}`.slice(0, 4000));
  return stdout;
}
