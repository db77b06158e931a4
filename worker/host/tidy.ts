import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { reapSandboxes } from "#worker/engines/sandbox/reap.ts";
import { isOwnerAlive } from "./run-owner.ts";
import type { HostFolders } from "./runtime.ts";

/** Folders of a run in the spool: of a backup, of a restore, of a search in the archive. */
const SPOOLED = /^(?:restore-|search-)?(\d{8}T\d{6}Z-[0-9a-f]{6,12})$/;
/** gpg's short-lived homes carry no run's name; no sealing of one artifact takes this long. */
const STALE_HOME_MS = 24 * 3_600_000;

/**
 * Clears away what runs of processes that are gone have left: their spool folders, gpg's short-lived homes, and isolated servers with all their files.
 * Runs of other living processes of this host are left alone. To be called before a process of this host takes up work. Gives what was removed.
 */
export async function tidyAfterDeadRuns(folders: HostFolders, now: number): Promise<string[]> {
  const removed: string[] = [];
  for (const folder of [folders.sandbox, ...(folders.instances ? [folders.instances] : []), ...folders.besideData]) removed.push(...(await reapSandboxes(folder)));
  for (const name of await readdir(folders.spool)) {
    const runId = SPOOLED.exec(name)?.[1];
    if (!runId || isOwnerAlive(folders.journals, runId)) continue;
    await rm(join(folders.spool, name), { recursive: true, force: true });
    removed.push(join(folders.spool, name));
  }
  for (const name of await readdir(folders.temp)) {
    const path = join(folders.temp, name);
    const found = await stat(path).catch(() => null);
    if (!name.startsWith("seal-") || !found || now - found.mtimeMs < STALE_HOME_MS) continue;
    await rm(path, { recursive: true, force: true });
    removed.push(path);
  }
  return removed;
}
