import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { markProcess, OWNER_FILE, RUN_PREFIX, type SandboxOwner, SOCKET_FOLDER_MARK } from "./reap.ts";
import type { RunAs } from "./run-as.ts";

/** Folders of one sandbox. */
export interface Place {
  readonly folder: string;
  readonly socketFolder: string;
  readonly ownSocketFolder: boolean;
}

/** A fresh folder for each run: a dead server's socket lock could otherwise stop the next. */
export async function makePlace(folder: string, account: RunAs): Promise<Place> {
  const own = await mkdtemp(join(folder, RUN_PREFIX));
  await noteOwner({ folder: own, socketFolder: own, ownSocketFolder: false });
  // A socket path holds 107 bytes at most (unix(7)).
  const ownSocketFolder = Buffer.byteLength(join(own, "s")) > 95;
  const socketFolder = ownSocketFolder ? await mkdtemp(`${tmpdir()}${SOCKET_FOLDER_MARK}`) : own;
  for (const path of new Set([own, socketFolder])) {
    await chmod(path, 0o700);
    await chown(path, account.uid, account.gid);
  }
  return { folder: own, socketFolder, ownSocketFolder };
}

/** Writes whose sandbox it is, so that a later start can reap it. */
export async function noteOwner(place: Place, serverPid?: number): Promise<void> {
  const owner: SandboxOwner = {
    worker: markProcess(process.pid),
    ...(serverPid === undefined ? {} : { server: markProcess(serverPid) }),
    ...(place.ownSocketFolder ? { socketFolder: place.socketFolder } : {}),
  };
  await writeFile(join(place.folder, OWNER_FILE), JSON.stringify(owner), { mode: 0o600 });
}

/** A folder that only the sandbox's account may enter. */
export async function makeFolder(path: string, account: RunAs): Promise<void> {
  await mkdir(path, { mode: 0o700 });
  await chown(path, account.uid, account.gid);
}

/** Removes all folders of a sandbox. */
export async function wipe(place: Place): Promise<void> {
  for (const path of new Set([place.folder, place.socketFolder])) await rm(path, { recursive: true, force: true, maxRetries: 3 });
}
