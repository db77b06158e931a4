import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test } from 'vitest';
import { launch } from './launch.ts';
import { temporaryFolder } from './place.ts';
import { startRedis } from './redis.ts';

const folder = temporaryFolder('launch');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a server dies with the process that started it, even by kill -9', async () => {
  const script = `import { startRedis } from '#scripts/services/redis.ts';
const redis = await startRedis({ dataDir: ${JSON.stringify(join(folder, 'orphan'))} });
console.log(redis.pid);
setInterval(() => {}, 1000);`;
  const starter = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: join(import.meta.dirname, '../..'), stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve) => createInterface({ input: starter.stdout }).once('line', resolve));
  const pid = Number(line);
  expect(stateOf(pid)).toMatch(/^[RSD]$/);
  starter.kill('SIGKILL');
  await expect.poll(() => stateOf(pid), { timeout: 15_000 }).toMatch(/^$|Z/);
});

test('a server never runs as root, and in a group of its own: Ctrl-C at our terminal does not reach it', async () => {
  const redis = await startRedis({ dataDir: join(folder, 'user') });
  const uid = readFileSync(`/proc/${redis.pid}/status`, 'utf8').match(/^Uid:\t(\d+)/m)?.[1];
  const [, group] = /\) \w \d+ (\d+) /.exec(readFileSync(`/proc/${redis.pid}/stat`, 'utf8')) ?? [];
  await redis.stop();
  expect(uid).not.toBe('0');
  expect(Number(group)).toBe(redis.pid);
  expect(await redis.ended).toBe('exit code 0');
});

test('no password is in argv or in the environment', async () => {
  const redis = await startRedis({ dataDir: join(folder, 'secret') });
  const seen = ['cmdline', 'environ'].map((name) => readFileSync(`/proc/${redis.pid}/${name}`, 'utf8')).join('\n');
  await redis.stop();
  expect(seen).not.toContain(redis.password);
});

test('a server that ends at once says what it printed', async () => {
  const failing = launch({ title: 'The broken one', file: '/bin/sh', args: ['-c', 'echo "no such table" >&2; exit 3'], logFile: join(folder, 'broken.log'), ready: async () => false });
  await expect(failing).rejects.toThrow(/The broken one did not start: it ended \(exit code 3\)\nno such table/);
});

test('a server that never answers is ended', async () => {
  const mute = launch({ title: 'The mute one', file: '/bin/sleep', args: ['3600.5'], logFile: join(folder, 'mute.log'), startPatience: 300, ready: async () => false });
  await expect(mute).rejects.toThrow(/does not answer/);
});

/** One letter of proc(5): R, S, D, Z; empty when the process is gone. */
function stateOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8').match(/^State:\t(\w)/m)?.[1] ?? '';
  } catch {
    return '';
  }
}
