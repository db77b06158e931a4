import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, link, lstat, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PutOptions } from "#worker/ports/destination.ts";
import { type OpenBody, paced } from "../body.ts";
import { digestFile } from "./digest-file.ts";
import { syncFolder } from "./root-folder.ts";

/** Names of unfinished files; no key can begin with a dot. */
export const PARTIAL = ".partial-";

/** A partial file that nobody has written to for so long belongs to a worker that died. */
export const STALE_PARTIAL_MS = 60 * 60 * 1000;

export type WriteOutcome = "written" | "taken" | "wrong-digest" | "corrupt";

/**
 * Writes the body to a partial file beside the target (or makes the body's own file that one, where it may), makes it durable, reads it back, then gives it the name in one step. Whatever
 * fails, no partial file stays. `taken` = another file stood there and `overwrite` was not asked; `wrong-digest` = the body is not what its SHA-256
 * promises; `corrupt` = it is, but the file reads otherwise. `requireRoom` is asked before bytes are copied.
 */
export async function writeFile(target: string, body: OpenBody, options: PutOptions, requireRoom: () => Promise<void>): Promise<WriteOutcome> {
  const folder = dirname(target);
  const partial = join(folder, PARTIAL + randomBytes(8).toString("hex"));
  try {
    const linked = await body.linked(partial);
    if (linked) options.onBytes?.(body.bytes);
    else {
      await requireRoom();
      await forced(partial, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, (file) => copy(body, file, options));
    }
    // One digest, of what stands at the place, answers for the body and for the copy. A file that is here already is forced to disk meanwhile.
    const [digest, force] = await Promise.allSettled([digestFile(partial, { signal: options.signal, pace: options.pace }), linked ? forced(partial, constants.O_RDONLY, async () => undefined) : null]);
    if (digest.status === "rejected") throw digest.reason;
    if (force.status === "rejected") throw force.reason;
    const { sha256 } = digest.value;
    if (sha256 !== body.sha256) return (await digestOf(body, options)) === body.sha256 ? "corrupt" : "wrong-digest";
    options.signal?.throwIfAborted();
    if (options.overwrite) await rename(partial, target);
    else if (!(await nameOnce(partial, target))) return "taken";
    await syncFolder(folder);
    return "written";
  } finally {
    await rm(partial, { force: true });
  }
}

/** What the work leaves in the file is on disk afterwards. */
async function forced(path: string, flags: number, work: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, flags | constants.O_NOFOLLOW, 0o600);
  try {
    await work(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function copy(body: OpenBody, file: FileHandle, options: PutOptions): Promise<void> {
  for await (const chunk of paced(body.read(0, body.bytes, { signal: options.signal, reuse: true }), options)) {
    for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
    options.onBytes?.(chunk.length);
  }
}

async function digestOf(body: OpenBody, { signal }: PutOptions): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of body.read(0, body.bytes, { signal, reuse: true })) hash.update(chunk);
  return hash.digest("hex");
}

/** Removes partial files of dead writers in the folder. Returns how many. */
export async function removeStalePartials(folder: string, olderThanMs: number): Promise<number> {
  let removed = 0;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(PARTIAL)) continue;
    const path = join(folder, name);
    const found = await lstat(path).catch(() => null);
    if (!found?.isFile() || Date.now() - found.mtimeMs < olderThanMs) continue;
    await rm(path, { force: true });
    removed += 1;
  }
  return removed;
}

/**
 * Gives the partial file its name unless that is taken: link(2) fails with EEXIST where rename(2) would replace. File systems
 * without hard links (vfat, some network mounts) get a look and a rename; the caller holds the key's turn in this process.
 */
async function nameOnce(partial: string, target: string): Promise<boolean> {
  try {
    await link(partial, target);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EEXIST") return false;
    if (code !== "EPERM" && code !== "EOPNOTSUPP" && code !== "ENOTSUP" && code !== "ENOSYS") throw error;
    if (await lstat(target).catch(() => null)) return false;
    await rename(partial, target);
    return true;
  }
}
