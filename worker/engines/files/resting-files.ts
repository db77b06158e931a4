import { opendir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { SizedFile } from "#lib/domain/backup/balance-files.ts";

/** Nothing was written to it for so long, ms: the writer is elsewhere by now, and the clock's grain (4 ms on some kernels) cannot hide a later write. */
const REST_MS = 400;

/** A file as it was found. Whoever finds it the same later knows that nobody wrote to it in between. */
export interface RestingFile extends SizedFile {
  /** Identity, length and times of the file in one line. */
  readonly state: string;
}

/** Tables of this length and more to which nobody is writing any more, in a data directory that is being made. None where it does not exist yet. */
export async function restingFiles(data: string, leastBytes: number): Promise<RestingFile[]> {
  const found: RestingFile[] = [];
  const now = BigInt(Date.now()) * 1_000_000n;
  const walk = async (below: string): Promise<void> => {
    for await (const entry of await opendir(join(data, below))) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) await walk(path);
      else if (entry.isFile() && path.includes("/") && path.endsWith(".ibd")) {
        const { bytes, state, changedNs } = await look(data, path);
        if (bytes >= leastBytes && now - changedNs >= BigInt(REST_MS) * 1_000_000n) found.push({ path, bytes, state });
      }
    }
  };
  await walk("").catch((error: NodeJS.ErrnoException) => {
    // A writer may take back what it made.
    if (error.code !== "ENOENT") throw error;
  });
  return found;
}

/** Is every one of them as it was found? */
export async function stillResting(data: string, files: readonly RestingFile[]): Promise<boolean> {
  for (const { path, state } of files) {
    if ((await look(data, path).catch(() => null))?.state !== state) return false;
  }
  return true;
}

async function look(data: string, path: string): Promise<{ bytes: number; state: string; changedNs: bigint }> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(join(data, path), { bigint: true });
  return { bytes: Number(size), state: [dev, ino, size, mtimeNs, ctimeNs].join(" "), changedNs: ctimeNs };
}
