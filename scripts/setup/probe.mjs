// Finds a part's programs on PATH: every one must be there, the right version, and really start.
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { command } from './command.mjs';

/** Full path of a program on PATH, or undefined. node_modules and the tools folder are not the machine's own. */
export function onPath(program, env = process.env) {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    if (!folder || folder.includes('node_modules')) continue;
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

/** All programs of a part from PATH (key → absolute path), or undefined when one is missing, broken or of another version. */
export async function partOnPath(part) {
  if (part.bundledOnly) return undefined;
  const main = onPath(part.probe.program);
  if (!main) return undefined;
  const { code, out } = await command(main, part.probe.args, { timeoutMs: 20_000 });
  if (code !== 0 || !part.probe.accept.test(out)) return undefined;
  const found = {};
  for (const [key, inside] of Object.entries(part.programs)) {
    const path = onPath(inside.split('/').at(-1));
    if (!path) return undefined;
    found[key] = path;
  }
  return { programs: found, version: out.split('\n')[0], realPath: realpathSync(main) };
}
