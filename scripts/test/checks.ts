// The checks that need no server; each counts as one.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { generateClient } from '#scripts/prisma/generate.ts';
import { overlongFiles } from './lengths.ts';
import type { Outcome, Step } from './outcome.ts';
import { CHECKOUT, packageProgram } from './program.ts';

const SOURCES = ['app', 'components', 'controller', 'lib', 'worker', 'scripts', 'bench', 'e2e'];

export const checks: Step[] = [
  { name: 'generate', run: async () => verdict(await generateClient()) },
  { name: 'types', run: async () => verdict(await packageProgram('typescript/bin/tsc', ['--noEmit', '--incremental', 'false'])) },
  { name: 'lint', run: async () => verdict(await packageProgram('@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.'])) },
  { name: 'floors', run: async () => verdict(await packageProgram('dependency-cruiser/bin/dependency-cruise.mjs', ['--config', '.dependency-cruiser.cjs', ...existing()], { node: ['-r', './scripts/test/swc-tsx.cjs'] })) },
  { name: 'file lengths', run: fileLengths },
];

function verdict(code: number): Outcome {
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function fileLengths(): Promise<Outcome> {
  const tooLong = await overlongFiles();
  for (const { path, lines, limit } of tooLong) process.stdout.write(`${path}: ${lines} lines, at most ${limit}\n`);
  return verdict(tooLong.length);
}

function existing(): string[] {
  return SOURCES.filter((folder) => existsSync(join(CHECKOUT, folder)));
}
