import { statfs } from "node:fs/promises";
import { Fault } from "#lib/domain/fault/fault.ts";

/** Fault DISK_SPACE unless the file system that holds the folder has this many bytes free. */
export async function requireRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const megabytes = (count: number): string => `${Math.ceil(count / 1e6)} MB`;
  if (free < bytes) throw new Fault("DISK_SPACE", { params: { path: folder, free: megabytes(free), needed: megabytes(bytes) } });
}
