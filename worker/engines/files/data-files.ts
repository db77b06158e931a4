import { opendir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { SizedFile } from "#lib/domain/backup/balance-files.ts";

/** What lies in a data directory. Paths are below it. */
export interface DataFiles {
  readonly files: readonly SizedFile[];
  /** Parents before children; those of schemas without tables too. */
  readonly folders: readonly string[];
  readonly bytes: number;
}

/**
 * Belongs to one server, not to its data: its identity, the keys it made for itself, temporary tables, the clone's own notes. Every server started
 * on a copy makes its own.
 */
const LEFT_OUT = /^(?:auto\.cnf|[^/]+\.pem|[^/]+\.pid|ibtmp1|#innodb_temp\/.*|#clone(?:\/.*)?)$/;

/** Lists a stopped server's data directory, without what belongs to that server alone. */
export async function listDataFiles(data: string): Promise<DataFiles> {
  const files: SizedFile[] = [];
  const folders: string[] = [];
  const walk = async (below: string): Promise<void> => {
    for await (const entry of await opendir(join(data, below))) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (LEFT_OUT.test(path)) continue;
      if (entry.isDirectory()) {
        folders.push(path);
        await walk(path);
      } else if (entry.isFile()) files.push({ path, bytes: (await stat(join(data, path))).size });
    }
  };
  await walk("");
  return { files, folders: folders.sort(), bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}
