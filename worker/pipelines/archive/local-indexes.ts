import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { BinlogEpoch } from "#lib/domain/backup/storage-keys.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { archiveRoot } from "./server-archive.ts";

/** Room that the lists of a server's transactions may take on this disk, bytes; 1 GB of small transactions takes about 60 MB. */
const MOST_BYTES = 1024 ** 3;
/** Lists of a tail that another replaced, and drafts of a dead process, stay so long for who reads them, ms. */
const SUPERSEDED_MS = 120_000;
const DRAFT_MS = 24 * 3_600_000;

const FOLDER = "transactions";
const NAME = /^(.+\.\d{6,10})@(\d{1,15})$/;

/**
 * Where the list of a binary log's transactions lies on this disk, plain like the binary logs beside it. Within an epoch, file and position name the same bytes for ever,
 * so a list is never renewed: it is there or it is made.
 */
export function localIndexPath(host: HostRuntime, { server, serverUuid, epoch }: BinlogEpoch, file: string, endPosition: number): string {
  return join(archiveRoot(host, server), FOLDER, `${serverUuid}+${epoch}`, `${file}@${endPosition}`);
}

interface Kept {
  readonly path: string;
  readonly folder: string;
  readonly file: string;
  readonly end: number;
  readonly bytes: number;
  readonly at: number;
}

/** Removes lists that a longer one of the same file replaced, and then the oldest until the rest fits; `keep` stays. They are made anew when somebody asks. */
export function trimLocalIndexes(host: HostRuntime, server: string, keep: string, mostBytes = MOST_BYTES): void {
  const root = join(archiveRoot(host, server), FOLDER);
  const now = host.clock.now();
  const kept: Kept[] = [];
  for (const folder of existsSync(root) ? readdirSync(root) : []) {
    for (const name of readdirSync(join(root, folder))) {
      const path = join(root, folder, name);
      const found = statSync(path, { throwIfNoEntry: false });
      const [, file, end] = NAME.exec(name) ?? [];
      if (!found) continue;
      if (file !== undefined && end !== undefined) kept.push({ path, folder, file, end: Number(end), bytes: found.size, at: found.mtimeMs });
      else if (now - found.mtimeMs > DRAFT_MS && !name.includes(`.${process.pid}.`)) rmSync(path, { force: true });
    }
  }
  const replaced = (one: Kept): boolean => now - one.at > SUPERSEDED_MS && kept.some(({ folder, file, end }) => folder === one.folder && file === one.file && end > one.end);
  let left = kept.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const one of kept.sort((a, b) => Number(replaced(b)) - Number(replaced(a)) || a.at - b.at)) {
    if (one.path === keep || (!replaced(one) && left <= mostBytes)) continue;
    rmSync(one.path, { force: true });
    left -= one.bytes;
  }
}
