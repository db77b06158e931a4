// Fetches one part into the tools folder: unpack, bind, prove that it runs, write launchers, mark as finished.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { unpackDebian } from './apt.mjs';
import { bindPrograms } from './bind.mjs';
import { command, lastLines } from './command.mjs';
import { LAYOUT } from './parts.mjs';
import { SetupFault, withProgress } from './say.mjs';

const NOT_NEEDED = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/icu', 'usr/share/i18n', 'usr/share/bash-completion', 'usr/share/info', 'usr/share/lintian', 'usr/lib/python3', 'usr/lib/python3.14'];

/** The launchers of a finished part (key → path in bin/), or undefined when the part is not (wholly) there. */
export function finishedPart(tools, name, part) {
  try {
    const mark = JSON.parse(readFileSync(join(tools, name, 'done.json'), 'utf8'));
    // the programs are bound to this very path: a moved folder counts as unfinished
    if (mark.layout !== LAYOUT || mark.tools !== tools) return undefined;
  } catch {
    return undefined;
  }
  const launchers = Object.fromEntries(Object.entries(part.programs).map(([key, inside]) => [key, join(tools, 'bin', basename(inside))]));
  return Object.values(launchers).every((path) => existsSync(path)) ? launchers : undefined;
}

/** Fetches `part`; the caller holds the lock of the tools folder. */
export async function fetchPart(tools, name, part) {
  await withProgress(`fetching ${part.title} from Debian ${part.suite}`, async () => {
    const home = join(tools, name);
    const root = join(home, 'root');
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home, { recursive: true });
    const unpacked = await unpackDebian({ work: join(tools, `.apt-${part.suite}`), root, suite: part.suite, packages: [...part.packages, 'patchelf'] });
    for (const folder of [...NOT_NEEDED, ...(part.prune ?? [])]) rmSync(join(root, folder), { recursive: true, force: true });
    await bindPrograms(root, [...Object.values(part.programs), ...(part.alsoBind ?? [])]);
    for (const [path, content] of Object.entries(part.files?.(root) ?? {})) writeFileSync(join(root, path), content);
    writeLaunchers(tools, root, part);
    await proveThatItRuns(tools, part);
    writeFileSync(join(home, 'done.json'), JSON.stringify({ layout: LAYOUT, tools, packages: unpacked }, null, 2));
  });
  return finishedPart(tools, name, part);
}

/** A launcher sets what the program cannot find by itself and becomes the program (exec): same pid, own argv[0]. */
function writeLaunchers(tools, root, part) {
  const bin = join(tools, 'bin');
  mkdirSync(bin, { recursive: true });
  const set = Object.entries(part.environment?.(root) ?? {}).map(([name, value]) => `${name}="\${${name}:-${value}}"; export ${name}\n`).join('');
  for (const inside of Object.values(part.programs)) {
    const launcher = join(bin, basename(inside));
    writeFileSync(`${launcher}.new`, `#!/bin/sh\n${set}exec '${join(root, inside).replaceAll("'", `'\\''`)}' "$@"\n`, { mode: 0o755 });
    renameSync(`${launcher}.new`, launcher);
  }
}

async function proveThatItRuns(tools, part) {
  const launcher = join(tools, 'bin', basename(part.probe.program));
  const { code, out } = await command(launcher, part.probe.args, { timeoutMs: 30_000 });
  if (code !== 0) throw new SetupFault(`${part.title} was fetched but does not start`, lastLines(out), 'this is a fault of scripts/setup or of a newer Debian package: report it');
  if (!part.probe.accept.test(out)) {
    throw new SetupFault(`${part.title}: Debian ${part.suite} offers another version`, `wanted ${part.probe.wanted}, got ${out.split('\n')[0]}`, `put ${part.probe.program} ${part.probe.wanted} on PATH, or name an older mirror with DEBIAN_MIRROR`);
  }
}
