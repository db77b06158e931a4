import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureTools } from './ensure.mjs';
import { onPath } from './probe.mjs';
import { toolPaths } from './tools.ts';

const before = { ...process.env };
let folder;

/** What fetching itself calls; a mydumper of this machine stays out of sight. */
const CALLED = ['flock', 'sh', 'cat', 'apt-get', 'apt-config', 'dpkg-deb'];

// No package can be checked, so none is fetched: as on a machine that reaches no mirror, but at once.
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg-ensure-'));
  chmodSync(folder, 0o755);
  const programs = join(folder, 'programs');
  mkdirSync(programs);
  for (const name of CALLED) symlinkSync(onPath(name), join(programs, name));
  Object.assign(process.env, { SALVAGENTE_TOOLS: join(folder, 'tools'), DEBIAN_KEYRING: join(folder, 'no-keyring.gpg'), PATH: programs });
});
afterEach(() => {
  for (const name of ['SALVAGENTE_TOOLS', 'DEBIAN_KEYRING', 'PATH']) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  rmSync(folder, { recursive: true, force: true });
});

test('a part that is only wished for and cannot be had stops nobody; who asks for it is told why', async () => {
  await ensureTools(folder, [], ['mydumper']);
  expect(JSON.parse(readFileSync(join(folder, '.salvagente/tools.json'), 'utf8')).absent).toEqual({ mydumper: expect.stringContaining('no-keyring.gpg'), myloader: expect.stringContaining('no-keyring.gpg') });
  expect(() => toolPaths(folder).mydumper.myloader).toThrow(/myloader was not set up \(.*no-keyring\.gpg/);
});

test('a part that the task needs does stop it', async () => {
  await expect(ensureTools(folder, ['mydumper'])).rejects.toThrow('no-keyring.gpg');
});
