import { readdirSync, readFileSync, readlinkSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";

/** A process that has files of a data directory open. */
export interface Holder {
  /** 0: one of another container, whose number is not known here. */
  readonly pid: number;
  /** Name of its program, `mysqld`; `?` where that is not known. */
  readonly program: string;
}

/** Files that a database server locks as long as it runs. */
const LOCKED = /^(?:ibdata\d+|.*\.ibd|undo_?\d+|undo\d+|aria_log_control|ib_logfile\d+)$/;
const SERVERS: ReadonlySet<string> = new Set(["mysqld", "mariadbd"]);

/**
 * Who has files of a data directory open; null: nobody. Told by the locks that the kernel lists, by open files, and, of a database server of the owner's whose open files this process
 * may not see, by its presence: what cannot be ruled out counts as open. @param folder without symbolic links
 */
export function holderOf(folder: string): Holder | null {
  return lockHolder(folder) ?? openedBy(folder, statSync(folder).uid);
}

function lockHolder(folder: string): Holder | null {
  const files = new Set(readdirSync(folder).filter((name) => LOCKED.test(name)).flatMap((name) => keyOf(join(folder, name))));
  for (const line of read("/proc/locks").split("\n")) {
    const [, pid, device, inode] = /(?:READ|WRITE) +(-?\d+) +([0-9a-f]+:[0-9a-f]+):(\d+) /.exec(line) ?? [];
    if (pid !== undefined && files.has(`${device}:${inode}`)) return { pid: Math.max(0, Number(pid)), program: programOf(pid) };
  }
  return null;
}

function openedBy(folder: string, owner: number): Holder | null {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    const opened = openFiles(pid);
    const holds = opened === null ? SERVERS.has(programOf(pid)) && ownerOf(pid) === owner : opened.some((path) => path === folder || path.startsWith(`${folder}/`));
    if (holds) return { pid: Number(pid), program: programOf(pid) };
  }
  return null;
}

/** Null: not for this process to see. Empty when the process is gone meanwhile. */
function openFiles(pid: string): string[] | null {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
      } catch {
        return [];
      }
    });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EACCES" ? null : [];
  }
}

/** As /proc/locks writes it: device in hexadecimal, inode. Empty when the file is gone meanwhile. */
function keyOf(path: string): string[] {
  let found: Stats;
  try {
    found = statSync(path);
  } catch {
    return [];
  }
  // makedev(3), as the C library packs them.
  const dev = BigInt(found.dev);
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n);
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n);
  return [`${major.toString(16).padStart(2, "0")}:${minor.toString(16).padStart(2, "0")}:${found.ino}`];
}

/** Effective uid. A process that changed its account looks as if it were root's from outside. */
function ownerOf(pid: string): number {
  return Number(/^Uid:\s+\d+\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? -1);
}

function programOf(pid: string): string {
  return read(`/proc/${pid}/comm`).trim() || "?";
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
