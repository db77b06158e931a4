import { constants, readFileSync, type Stats } from "node:fs";
import { access, lstat, readdir, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Fault } from "#lib/domain/fault/fault.ts";
import { actAs, type RunAs } from "#worker/engines/sandbox/run-as.ts";

/** A data directory that another can take the place of. */
export interface DataFolder {
  /** Without symbolic links: what is behind one is exchanged, and the link stays. */
  readonly path: string;
  /** Goes with the directory whatever it is called. */
  readonly inode: string;
  /** Permission bits. */
  readonly mode: number;
  /** Owner and group, to act as them. */
  readonly account: RunAs;
}

/** One of these stands in the data directory of any server. */
const OF_A_SERVER: ReadonlySet<string> = new Set(["ibdata1", "mysql", "mysql.ibd", "auto.cnf", "aria_log_control", "undo_001", "#innodb_redo", "ib_logfile0"]);

/** Looks at a data directory that is to be replaced: there, a server's or empty, a name that a rename can change, of an account that this process may act for. Fault DATADIR_UNFIT. */
export async function requireFitFolder(named: string): Promise<DataFolder> {
  const refused = (message: string, cause?: unknown): Fault => new Fault("DATADIR_UNFIT", { params: { path: named, message }, cause });
  const path = await realpath(named).catch((cause) => {
    throw refused("it is not there", cause);
  });
  const found = await stat(path);
  if (!found.isDirectory()) throw refused("it is no directory");
  const names = await readdir(path).catch((cause) => {
    throw refused("this worker may not read it", cause);
  });
  if (names.length > 0 && !names.some((name) => OF_A_SERVER.has(name))) throw refused("it holds no files of a database server");
  const parent = dirname(path);
  if (await isMountPoint(path, found)) throw refused("it is a mount point, and those cannot be renamed");
  const account = actAs(found);
  if (!account) throw refused(`it belongs to uid ${found.uid}, whom this worker may not act for: it must run as root, or as that account`);
  await access(parent, constants.W_OK | constants.X_OK).catch((cause) => {
    throw refused(`this worker may not write into ${parent}`, cause);
  });
  return { path, inode: await inodeOf(path) ?? "", mode: found.mode & 0o7777, account };
}

/** Inode number of what bears a name; null: nothing does. Some file systems have numbers beyond those that a double holds. */
export async function inodeOf(path: string): Promise<string | null> {
  const found = await lstat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  return found && String(found.ino);
}

/** Bind mounts share their device with what is around them. */
async function isMountPoint(path: string, { dev }: Stats): Promise<boolean> {
  if (dev !== (await stat(dirname(path))).dev) return true;
  const listed = readFileSync("/proc/self/mountinfo", "utf8").split("\n").map((line) => line.split(" ")[4]?.replaceAll(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))));
  return listed.includes(path);
}
