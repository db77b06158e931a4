// `npm run generate`: the Prisma client in lib/store/generated, made anew only when the schema or Prisma changed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '#scripts/setup/lock.mjs';

const CHECKOUT = join(import.meta.dirname, '../..');
const CLIENT = join(CHECKOUT, 'lib/store/generated/client.ts');
const STAMP = join(CHECKOUT, '.salvagente/prisma-client.sha256');

/** Generates the client when needed. Resolves with the exit code of `prisma generate`; 0 when nothing was to do. */
export async function generateClient(): Promise<number> {
  mkdirSync(join(CHECKOUT, '.salvagente'), { recursive: true });
  return withLock(`${STAMP}.lock`, async () => {
    const wanted = fingerprint();
    if (existsSync(CLIENT) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return 0;
    const code = await prisma(['generate']);
    if (code === 0) writeFileSync(STAMP, wanted);
    return code;
  });
}

/** Runs Prisma's command line under this Node, its output on stderr. Resolves with the exit code. */
export function prisma(args: string[], env: Record<string, string> = {}): Promise<number> {
  const cli = join(CHECKOUT, 'node_modules/prisma/build/index.js');
  // The stand-in engine starts by `#!/usr/bin/env node`: this Node must be the one it finds.
  const path = `${join(process.execPath, '..')}:${process.env.PATH ?? ''}`;
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: CHECKOUT,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, PATH: path, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1', ...env },
  });
  return new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (code) => resolve(code ?? 128));
  });
}

function fingerprint(): string {
  const hash = createHash('sha256');
  for (const path of ['prisma/schema.prisma', 'node_modules/prisma/package.json']) hash.update(readFileSync(join(CHECKOUT, path)));
  return hash.digest('hex');
}

if (import.meta.main) process.exitCode = await generateClient();
