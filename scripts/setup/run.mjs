#!/usr/bin/env node
// The one door of every npm script: brings what the task needs, then runs it under Node 24.
//   node scripts/setup/run.mjs <task> [--] [arguments]
// Plain JavaScript without dependencies: it runs before `npm install`, on any Node >= 20.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './dependencies.mjs';
import { ensureTools } from './ensure.mjs';
import { withLock } from './lock.mjs';
import { runUnderNode24 } from './node24.mjs';
import { SetupFault, say, sayFault } from './say.mjs';

const SERVICES = ['mysql', 'redis', 'gnupg', 'zstd', 'postgres', 's3'];

const TASKS = {
  demo: { needs: SERVICES, file: 'scripts/demo/main.ts', client: true },
  bench: { needs: SERVICES, wishes: ['mydumper'], file: 'bench/main.ts', client: true },
  test: { needs: [...SERVICES, 'mariadb', 'chromium'], file: 'scripts/test/main.ts', first: ['test'] },
  verify: { needs: [], file: 'scripts/test/main.ts', first: ['verify'] },
  setup: { needs: [...SERVICES, 'mariadb'] },
  // any TypeScript file of the project, with every service at hand: node scripts/setup/run.mjs run scripts/x.ts
  run: { needs: SERVICES },
};

async function main([name, ...rest]) {
  const task = TASKS[name];
  if (!task) throw new SetupFault(`unknown task ${name ?? '(none)'}`, `tasks are: ${Object.keys(TASKS).join(', ')}`, 'npm run shows the scripts that call them');
  const checkout = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
  const args = rest[0] === '--' ? rest.slice(1) : rest;
  const file = name === 'run' ? args.shift() : task.file;
  await withLock(join(checkout, 'package.json'), () => ensureDependencies(checkout));
  const binDir = task.needs.length > 0 ? await ensureTools(checkout, task.needs, task.wishes) : undefined;
  if (!file) {
    say('everything is here');
    return 0;
  }
  if (!existsSync(join(checkout, file))) throw new SetupFault(`${file} does not exist`, 'this checkout does not hold that part yet', 'take a newer version of Salvagente');
  // the Prisma client is not committed: whoever imports lib/store needs it first (the tests make it as their first check)
  const made = task.client ? await runUnderNode24(checkout, binDir, 'scripts/prisma/generate.ts', []) : 0;
  return made !== 0 ? made : runUnderNode24(checkout, binDir, file, [...(task.first ?? []), ...args]);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  sayFault(error);
  process.exitCode = 1;
}
