import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './generated.ts';

const documents = execFileSync('git', ['ls-files', '-z', '*.md'], { cwd: ROOT, encoding: 'utf8' }).split('\0').filter(Boolean);

it.each(documents)('links of %s lead somewhere', (path) => {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target.split('#')[0] ?? '').filter((target) => target !== '' && !/^[a-z]+:/.test(target));
  expect(targets.filter((target) => !existsSync(join(ROOT, dirname(path), target)))).toEqual([]);
});

it('file names that ARCHITECTURE.md and CONTRIBUTING.md give in full exist', () => {
  for (const path of ['ARCHITECTURE.md', 'CONTRIBUTING.md']) {
    const named = [...readFileSync(join(ROOT, path), 'utf8').matchAll(/`((?:app|bench|bin|components|controller|lib|prisma|scripts|worker|docs|deploy)\/[\w./-]+)`/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !existsSync(join(ROOT, name)) && !existsSync(join(ROOT, `${name}.ts`)))).toEqual([]);
  }
});
