// Documents that are made from the code; `scripts/docs/generated.test.ts` fails while a committed one is not what the code gives.
//   node scripts/setup/run.mjs run scripts/docs/generated.ts      writes them all
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { cliDocument } from './write-cli.ts';
import { faultsDocument } from './write-faults.ts';
import { schemaDocument } from './write-schemas.ts';

export const ROOT = resolve(import.meta.dirname, '../..');

/** Path in the checkout → what must stand there. */
export const GENERATED: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/faults.md': faultsDocument,
  'docs/cli.md': cliDocument,
  'docs/format/manifest.schema.json': () => schemaDocument('manifest'),
  'docs/format/verification.schema.json': () => schemaDocument('verification'),
};

if (import.meta.main) {
  for (const [path, make] of Object.entries(GENERATED)) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), await make());
    process.stdout.write(`${path}\n`);
  }
}
