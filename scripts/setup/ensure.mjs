// Brings every program a task needs and writes where each one is, for scripts/setup/tools.ts.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchPart, finishedPart } from './fetch-part.mjs';
import { makeFolder, toolsFolder } from './folder.mjs';
import { withLock } from './lock.mjs';
import { LAYOUT, PARTS } from './parts.mjs';
import { ensurePostgres } from './postgres.mjs';
import { partOnPath } from './probe.mjs';
import { SetupFault, say } from './say.mjs';

/**
 * Ensures `wanted` parts (names of PARTS, plus 'postgres') and writes .salvagente/tools.json in the
 * checkout. PATH comes first, then what was fetched before, then Debian. Takes well under a second when all is there.
 * `wished` parts are fetched as well, but what cannot be had is only said, and written down with its reason.
 * @returns {Promise<string>} folder of the launchers
 */
export async function ensureTools(checkout, wanted, wished = []) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupFault(`this is ${process.platform} on ${process.arch}`, 'the demo and the tests bring programs built for Linux on x86-64', 'use a Linux x86-64 machine, or a virtual one');
  }
  const tools = toolsFolder();
  const found = await lookAround(tools);
  const absent = {};
  const missing = [...wanted, ...wished].filter((name) => PARTS[name] && !found[name]);
  if (missing.length > 0) {
    makeFolder(tools);
    await withLock(join(tools, '.lock'), async () => {
      forgetPackageLists(tools); // of a run that was cut off: they may be old
      try {
        for (const name of missing) {
          const fetched = await bring(tools, name, wished.includes(name));
          if (fetched.programs) found[name] = fetched.programs;
          else for (const key of Object.keys(PARTS[name].programs)) absent[key] = fetched.why;
        }
      } finally {
        forgetPackageLists(tools);
      }
    });
  }
  const paths = { layout: LAYOUT, toolsFolder: tools, binDir: join(tools, 'bin'), absent, ...Object.assign({}, ...Object.values(found)) };
  if (wanted.includes('postgres')) paths.postgres = await withLock(join(makeFolder(tools), '.lock'), () => ensurePostgres(checkout, tools));
  writePaths(checkout, paths);
  return paths.binDir;
}

/** The programs of a part that PATH does not offer; why not, for one that is only wished for. */
async function bring(tools, name, isWish) {
  try {
    return { programs: finishedPart(tools, name, PARTS[name]) ?? (await fetchPart(tools, name, PARTS[name])) };
  } catch (error) {
    if (!isWish || !(error instanceof SetupFault)) throw error;
    say(`going on without ${PARTS[name].title}: ${error.message}`);
    return { why: error.message };
  }
}

function forgetPackageLists(tools) {
  for (const { suite } of Object.values(PARTS)) rmSync(join(tools, `.apt-${suite}`), { recursive: true, force: true });
}

/** Every part that is already there, wanted or not: a later task then finds it too. */
async function lookAround(tools) {
  const found = await Promise.all(Object.entries(PARTS).map(async ([name, part]) => {
    const programs = (await partOnPath(part))?.programs ?? finishedPart(tools, name, part);
    return programs && [name, programs];
  }));
  return Object.fromEntries(found.filter(Boolean));
}

function writePaths(checkout, paths) {
  const folder = join(checkout, '.salvagente');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'tools.json');
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(paths, null, 2)}\n`);
  renameSync(`${file}.${process.pid}`, file);
}
