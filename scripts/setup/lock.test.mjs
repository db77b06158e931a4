import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { withLock } from './lock.mjs';

const folder = mkdtempSync(join(tmpdir(), 'sg-lock-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('two at once: the second works after the first, also when the first fails', async () => {
  const file = join(folder, 'a');
  const order = [];
  const first = withLock(file, async () => {
    order.push('first begins');
    await new Promise((resolve) => setTimeout(resolve, 200));
    order.push('first ends');
    throw new Error('broken');
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const second = withLock(file, async () => order.push('second'));
  await expect(first).rejects.toThrow('broken');
  await second;
  expect(order).toEqual(['first begins', 'first ends', 'second']);
});

test('a holder that is killed leaves no lock behind', async () => {
  const file = join(folder, 'b');
  const script = `import { withLock } from ${JSON.stringify(join(import.meta.dirname, 'lock.mjs'))}; await withLock(${JSON.stringify(file)}, () => { console.log('held'); return new Promise(() => setInterval(() => {}, 1000)); });`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  holder.kill('SIGKILL');
  expect(await withLock(file, async () => 'mine')).toBe('mine');
});
