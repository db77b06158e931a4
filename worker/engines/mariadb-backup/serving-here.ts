import { readFile, stat } from "node:fs/promises";
import type { Connection } from "mysql2/promise";
import { Fault } from "#lib/domain/fault/fault.ts";
import { textRows } from "#worker/engines/inventory/information-schema.ts";

/**
 * Proves that the server behind the connection works in this very folder of this host, and tells who owns the folder. The same path may be another server's folder
 * here, when the connection leads elsewhere (a container, a tunnel): files of the one would then get the place in the binary log of the other.
 * The proof: the thread that serves the connection, by the number that the kernel gave it, is one of this host and works in that folder, as every mariadbd does.
 * Faults: MARIADB_BACKUP_OTHER_HOST, CLONE_OTHER_ACCOUNT.
 */
export async function ownerOfServingFolder(connection: Connection, server: string, dataFolder: string): Promise<{ readonly uid: number; readonly gid: number }> {
  const elsewhere = (cause?: unknown): Fault => new Fault("MARIADB_BACKUP_OTHER_HOST", { params: { server, path: dataFolder }, cause });
  const [row] = await textRows(connection, "SELECT TID FROM information_schema.PROCESSLIST WHERE ID = CONNECTION_ID()");
  const thread = Number(row?.[0] ?? 0);
  try {
    const folder = await stat(dataFolder);
    if (!/^Tgid:\s+\d+$/m.test(await readFile(`/proc/${thread}/status`, "utf8"))) throw elsewhere();
    const workplace = await stat(`/proc/${thread}/cwd`);
    if (workplace.ino !== folder.ino || workplace.dev !== folder.dev) throw elsewhere();
    return { uid: folder.uid, gid: folder.gid };
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    if ((cause as NodeJS.ErrnoException).code === "EACCES") throw new Fault("CLONE_OTHER_ACCOUNT", { params: { path: dataFolder, uid: "?" }, cause });
    throw elsewhere(cause);
  }
}
