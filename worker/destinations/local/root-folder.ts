import type { Dirent } from "node:fs";
import { chmod, lstat, mkdir, open, readdir, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Fault } from "#lib/domain/fault/fault.ts";

export interface RootOptions {
  readonly destination: string;
  readonly root: string;
  readonly requireMount: boolean;
}

/**
 * The real path of the root, made 0700. It is created when only its last segment is missing (a parent that is missing is a disk
 * that is not there). An existing folder open to others is narrowed when it is empty and refused when it is not: it may be in use.
 */
export async function openRoot({ destination, root, requireMount }: RootOptions): Promise<string> {
  await mkdir(root, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  const real = await realpath(root);
  const found = await stat(real);
  const denied = (message: string, retryable = false) => new Fault("DESTINATION_DENIED", { params: { destination, message }, retryable });
  if (!found.isDirectory()) throw denied(`${root} is not a folder`);
  if (requireMount && (await stat(dirname(real))).dev === found.dev) {
    throw new Fault("DESTINATION_UNREACHABLE", { params: { destination, message: `nothing is mounted at ${root}` } });
  }
  if ((found.mode & 0o077) !== 0) {
    if ((await readdir(real)).some((name) => name !== "lost+found")) {
      throw denied(`${root} has mode ${(found.mode & 0o777).toString(8)} and holds files: run chmod 700 on it if it is meant for copies`);
    }
    await chmod(real, 0o700);
  }
  return real;
}

/**
 * Path of a key below the root after a look at every folder on the way: a symbolic link there would lead out of it.
 * Fault DESTINATION_DENIED for a link. The key has been checked before.
 */
export async function pathOf(destination: string, root: string, key: string): Promise<string> {
  let path = root;
  for (const segment of key.split("/")) {
    path = join(path, segment);
    const found = await lstat(path).catch(missing);
    if (!found) return join(root, key);
    if (found.isSymbolicLink()) {
      throw new Fault("DESTINATION_DENIED", { params: { destination, message: `${path} is a symbolic link` }, retryable: false });
    }
  }
  return path;
}

/** Creates the missing folders down to `folder`, each 0700 and made durable in its parent. */
export async function makeFolders(root: string, folder: string): Promise<void> {
  if (folder === root || (await lstat(folder).catch(missing))) return;
  const parent = dirname(folder);
  await makeFolders(root, parent);
  await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  await syncFolder(parent);
}

/** Makes the folder's entries durable (fsync(2): a file's own fsync does not cover its name). */
export async function syncFolder(folder: string): Promise<void> {
  const opened = await open(folder, "r");
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

/** The folder's entries in the order of full keys (a folder sorts with its slash), or none when it is gone. */
export async function entriesInKeyOrder(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
    throw error;
  });
  const sortName = (entry: Dirent) => (entry.isDirectory() ? `${entry.name}/` : entry.name);
  return entries.sort((a, b) => (sortName(a) < sortName(b) ? -1 : 1));
}

function missing(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
  throw error;
}
