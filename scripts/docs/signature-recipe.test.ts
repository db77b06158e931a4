import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Manifest } from '#lib/contract/manifest/manifest.ts';
import { newSigningKey } from '#lib/platform/signing.ts';
import { signManifest } from '#worker/host/sign-document.ts';
import { ROOT } from './generated.ts';

const folder = mkdtempSync(join(tmpdir(), 'sg-recipe-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The shell block of docs/format/README.md that checks a signature, as it stands there. */
const recipe = /```sh\n(python3 - manifest\.json[\s\S]+?)```/.exec(readFileSync(join(ROOT, 'docs/format/README.md'), 'utf8'))?.[1] ?? '';
const check = (): string => execFileSync('sh', ['-c', recipe], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** A bare Debian has neither; the recipe is for people, the product needs none of it. */
const canRun = ['python3', 'openssl'].every((program) => spawnSync(program, ['--version']).status === 0 || spawnSync(program, ['version']).status === 0);

it.skipIf(!canRun)('the documented check without Salvagente takes an honest manifest and refuses an altered one', () => {
  const manifest = { b: 1.25, a: ['é', 'a"b\\\n', { z: null, y: 0 }], rows: 12_345_678_901, name: '日本 😀' } as unknown as Manifest;
  const signed = signManifest(manifest, newSigningKey()).toString();
  writeFileSync(join(folder, 'manifest.json'), signed);
  expect(check()).toContain('Verified Successfully');
  writeFileSync(join(folder, 'manifest.json'), signed.replace('1.25', '1.26'));
  expect(check).toThrow();
});
