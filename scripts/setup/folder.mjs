// Where fetched programs live: one folder shared by all checkouts of a user, reused on every later run.
import { mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { SetupFault } from './say.mjs';

const FOR_ROOT = '/var/cache/salvagente/tools';

/**
 * The tools folder: `SALVAGENTE_TOOLS`, else the user's cache folder. Root's home is usually closed to others, but
 * mysqld and postgres then run as `nobody` and must reach their own libraries: root falls back to a folder in /var/cache.
 */
export function toolsFolder(env = process.env, uid = process.getuid()) {
  const isRoot = uid === 0;
  if (env.SALVAGENTE_TOOLS) {
    const chosen = resolve(env.SALVAGENTE_TOOLS);
    if (isRoot && !reachableByOthers(chosen)) {
      throw new SetupFault(
        `the tools folder ${chosen} cannot be used by root`,
        'database servers are started as the user nobody, who may not enter this folder or one above it',
        'set SALVAGENTE_TOOLS to a folder that everyone may enter (chmod o+x on each part of its path), or unset it',
      );
    }
    return chosen;
  }
  const cache = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache');
  const usual = join(resolve(cache), 'salvagente', 'tools');
  return isRoot && !reachableByOthers(usual) ? FOR_ROOT : usual;
}

/** True when every existing folder on the way to `path`, and `path` itself, may be entered by any user. */
export function reachableByOthers(path) {
  for (let at = resolve(path); ; at = dirname(at)) {
    const stat = statSync(at, { throwIfNoEntry: false });
    if (stat && (stat.mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** Makes the folder (0755, so that `nobody` may read it) and reports a clear fault when that is impossible. */
export function makeFolder(path) {
  const umask = process.umask(0o022);
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 });
  } catch (error) {
    throw new SetupFault(`cannot make the folder ${path}`, error.message, 'set SALVAGENTE_TOOLS to a folder you may write to', { cause: error });
  } finally {
    process.umask(umask);
  }
  return path;
}
