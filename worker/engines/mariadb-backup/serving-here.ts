import type { Stats } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import type { Connection } from "mysql2/promise";
import { Fault } from "#lib/domain/fault/fault.ts";
import { textRows } from "#worker/engines/inventory/information-schema.ts";

/**
 * Proves that the server behind the connection works in this very folder of this host, and tells who owns the folder. The same path may be another server's folder
 * here, when the connection leads elsewhere (a container, a tunnel): files of the one would then get the place in the binary log of the other.
 * The proof: the thread that serves the connection, by the number that the kernel gave it, is one of this host and works in that folder, as every mariadbd does.
 * Faults: MARIADB_BACKUP_OTHER_HOST, CLONE_OTHER_ACCOUNT where the folder cannot be looked at.
 */
export async function ownerOfServingFolder(connection: Connection, server: string, dataFolder: string): Promise<{ readonly uid: number; readonly gid: number }> {
  const elsewhere = (cause?: unknown): Fault => new Fault("MARIADB_BACKUP_OTHER_HOST", { params: { server, path: dataFolder }, cause });
  const [row] = await textRows(connection, "SELECT TID FROM information_schema.PROCESSLIST WHERE ID = CONNECTION_ID()");
  try {
    const folder = await stat(dataFolder);
    if (!(await worksIn(`/proc/${Number(row?.[0] ?? 0)}`, folder))) throw elsewhere();
    return { uid: folder.uid, gid: folder.gid };
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    if ((cause as NodeJS.ErrnoException).code === "EACCES") throw new Fault("CLONE_OTHER_ACCOUNT", { params: { path: dataFolder, uid: "?" }, cause });
    throw elsewhere(cause);
  }
}

/** Where another account's process works may be kept from root too (a container without CAP_SYS_PTRACE): then it must at least be the folder's owner's. */
async function worksIn(thread: string, folder: Stats): Promise<boolean> {
  const status = await readFile(`${thread}/status`, "utf8");
  const workplace = await stat(`${thread}/cwd`).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EACCES" || error.code === "EPERM") return null;
    throw error;
  });
  if (workplace) return workplace.ino === folder.ino && workplace.dev === folder.dev;
  return Number(/^Uid:\s+(\d+)/m.exec(status)?.[1] ?? -1) === folder.uid;
}
