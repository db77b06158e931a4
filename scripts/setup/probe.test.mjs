import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PARTS } from './parts.mjs';
import { partOnPath } from './probe.mjs';

let folder;
const program = (name, script) => writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
const part = {
  programs: { one: 'usr/bin/sg-one', two: 'usr/bin/sg-two' },
  probe: { program: 'sg-one', args: ['--version'], accept: /v2\.\d/, wanted: '2' },
};
let before;

beforeAll(() => {
  before = process.env.PATH;
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg-probe-'));
  process.env.PATH = `${folder}:/usr/bin:/bin`;
});
afterEach(() => {
  process.env.PATH = before;
  rmSync(folder, { recursive: true, force: true });
});

test('a part is taken from PATH when all its programs are there and the first one answers with the right version', async () => {
  program('sg-one', 'echo v2.7');
  program('sg-two', 'exit 0');
  expect((await partOnPath(part)).programs).toEqual({ one: join(folder, 'sg-one'), two: join(folder, 'sg-two') });
});

test.each([
  ['another version', 'echo v1.9', true],
  ['a program that does not start', 'echo v2.7; exit 1', true],
  ['a missing companion', 'echo v2.7', false],
])('is not taken: %s', async (_name, script, companion) => {
  program('sg-one', script);
  if (companion) program('sg-two', 'exit 0');
  expect(await partOnPath(part)).toBeUndefined();
});

describe('versions', () => {
  test.each([
    ['mysql', 'mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))', true],
    ['mysql', '/usr/sbin/mysqld  Ver 8.0.43 for Linux on x86_64 (MySQL Community Server - GPL)', false],
    ['mysql', 'mysqld  Ver 10.11.18-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64', false],
    ['redis', 'Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64', true],
    ['redis', 'Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64', false],
    ['gnupg', 'gpg (GnuPG) 2.2.40', true],
    ['gnupg', 'gpg (GnuPG) 1.4.23', false],
    ['zstd', '*** Zstandard CLI (64-bit) v1.5.4, by Yann Collet ***', true],
    ['zstd', '*** zstd command line interface 64-bits v1.3.8, by Yann Collet ***', false],
  ])('%s: %s → %s', (name, line, accepted) => {
    expect(PARTS[name].probe.accept.test(line)).toBe(accepted);
  });
});
