import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FAULTS } from '#lib/domain/fault/table.ts';
import { GENERATED, ROOT } from './generated.ts';
import { documentedCodes } from './write-faults.ts';

it.each(Object.keys(GENERATED))('%s is what the code gives (else: node scripts/setup/run.mjs run scripts/docs/generated.ts)', async (path) => {
  expect(readFileSync(join(ROOT, path), 'utf8')).toBe(await GENERATED[path]?.());
});

it('every fault stands in a chapter', () => {
  expect(documentedCodes().sort()).toEqual(Object.keys(FAULTS).sort());
});
