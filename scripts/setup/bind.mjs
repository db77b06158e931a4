// Makes unpacked programs run in place: patchelf points each one at the loader and libraries unpacked beside it, so
// that a sid build runs on an older Debian as an ordinary process (/proc/PID/exe and argv[0] are the program's own).
import { closeSync, existsSync, lstatSync, openSync, readSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { command, lastLines } from './command.mjs';
import { SetupFault } from './say.mjs';

const TRIPLET = 'x86_64-linux-gnu';
const LOADERS = ['usr/lib64', 'lib64', `usr/lib/${TRIPLET}`, `lib/${TRIPLET}`];
const LIBRARIES = [`usr/lib/${TRIPLET}`, `lib/${TRIPLET}`, 'usr/lib/mysql/private', `usr/lib/${TRIPLET}/ceph`, `usr/lib/${TRIPLET}/pulseaudio`, 'usr/lib'];

/**
 * Rewrites interpreter and library path of `programs` (paths inside `unpacked`), and takes library paths out of the
 * libraries themselves: one that names its own (RUNPATH) ignores its program's.
 */
export async function bindPrograms(unpacked, programs) {
  const root = realpathSync(unpacked);
  const folder = LOADERS.find((name) => existsSync(join(root, name, 'ld-linux-x86-64.so.2')));
  if (!folder) throw new SetupFault('the unpacked packages hold no program loader', `no ld-linux-x86-64.so.2 under ${root}`, 'this is a fault of scripts/setup: report it');
  const loader = realpathSync(join(root, folder, 'ld-linux-x86-64.so.2'));
  const folders = LIBRARIES.map((name) => join(root, name)).filter((name) => existsSync(name));
  const libraries = folders.join(':');
  const patch = (args) => command(loader, ['--library-path', libraries, join(root, 'usr/bin/patchelf'), ...args]);
  const mustPatch = async (args) => {
    const { code, out } = await patch(args);
    if (code !== 0) throw new SetupFault(`cannot bind ${args.at(-1)} to its libraries`, lastLines(out), 'see that the disk of the tools folder has room, then try again');
  };
  const wanted = programs.map((name) => realpathSync(join(root, name))); // redis-server is a link
  for (const program of wanted.filter(isElf)) {
    await mustPatch(['--set-interpreter', loader, '--force-rpath', '--set-rpath', libraries, program]);
  }
  for (const program of ['usr/bin', 'usr/sbin'].flatMap((name) => filesIn(join(root, name)))) {
    if (!wanted.includes(program) && !program.endsWith('/patchelf') && isElf(program)) rmSync(program); // not bound: it would not run
  }
  for (const library of folders.flatMap(librariesIn)) {
    const { code, out } = await patch(['--print-rpath', library]);
    if (code === 0 && out !== '') await mustPatch(['--remove-rpath', library]);
  }
}

function librariesIn(folder) {
  return filesIn(folder).filter((path) => /\.so(\.|$)/.test(path) && isElf(path));
}

function filesIn(folder) {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.map((name) => join(folder, name)).filter((path) => lstatSync(path).isFile());
}

function isElf(path) {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(4);
    readSync(file, head, 0, 4, 0);
    return head.equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46]));
  } finally {
    closeSync(file);
  }
}
