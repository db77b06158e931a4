// A file is read by people: 250 lines at most.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from './program.ts';

const LIMIT = 250;
const CODE = /\.(ts|tsx|mjs|cjs|css)$/;

/** Source files git knows (tracked, or new and not ignored) with more lines than the limit. */
export async function overlongFiles(): Promise<{ path: string; lines: number; limit: number }[]> {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: CHECKOUT, encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
  return listed
    .split('\0')
    .filter((path) => CODE.test(path) && existsSync(join(CHECKOUT, path)))
    .map((path) => ({ path, lines: readFileSync(join(CHECKOUT, path), 'utf8').trimEnd().split('\n').length, limit: LIMIT }))
    .filter(({ lines }) => lines > LIMIT);
}
