import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "#lib/platform/ids.ts";
import { markOwner } from "#worker/host/run-owner.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";

/**
 * A folder of its own for opened binary logs, gone afterwards. Bears the mark of this process: what a killed one leaves is cleared by the next,
 * and only then (`worker/host/tidy.ts`).
 */
export async function withSearchFolder<T>(host: HostRuntime, work: (folder: string) => Promise<T>): Promise<T> {
  const id = newId(host.clock.now());
  const release = markOwner(host.folders.journals, id);
  const folder = join(host.folders.spool, `search-${id}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
    release();
  }
}
