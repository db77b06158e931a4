import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { CopyProgress } from "./copy-progress.ts";
import { logPositionsIn, readNotes, removeNotes, writeCheckpoints } from "./copy-notes.ts";
import { LockWatch } from "./lock-watch.ts";
import { isReason, toolFault } from "./tool-faults.ts";

const at = "[00] 2026-11-26 04:58:02";
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sg-words-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("what mariadb-backup says of its locks", () => {
  it("gives the time in which commits were held, by the clock that it was given", () => {
    let now = 1000;
    const locks = new LockWatch(10_000, () => now);
    for (const [line, passes] of [["Acquired locks for BACKUP STAGE BLOCK_DDL", 5], ["Starting BACKUP STAGE BLOCK_COMMIT", 7], ["Acquired locks for BACKUP STAGE BLOCK_COMMIT", 40], ["Starting BACKUP STAGE END", 2], ["All tables unlocked", 9]] as const) {
      locks.read(`${at} ${line}`);
      now += passes;
    }
    expect(locks).toMatchObject({ released: 1054, heldMs: 42 });
    locks.end();
  });

  it.each(["Starting BACKUP STAGE START", "Started BACKUP STAGE BLOCK_DDL", "Starting BACKUP STAGE BLOCK_COMMIT"])("gives up when %s is not followed by its lock, and only then", async (wanted) => {
    vi.useFakeTimers();
    try {
      const locks = new LockWatch(3000, () => 0);
      const expired = vi.fn();
      void locks.expired.then(expired);
      locks.read(`${at} ${wanted}`);
      await vi.advanceTimersByTimeAsync(2000);
      locks.read(`${at} Acquired locks for BACKUP STAGE X`);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(expired).not.toHaveBeenCalled();
      locks.read(`${at} ${wanted}`);
      await vi.advanceTimersByTimeAsync(3001);
      expect(expired).toHaveBeenCalledWith(expect.objectContaining({ code: "LOCK_TIMEOUT", params: { seconds: 3 } }));
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("what it says of files", () => {
  it("is measured where they arrive: those that are done once, those being written as they grow", async () => {
    const progress = new CopyProgress(folder);
    progress.read(`${at} Copying ./shop/a.ibd to ${folder}/a.ibd`);
    writeFileSync(join(folder, "a.ibd"), "1234");
    expect(await progress.bytes()).toBe(4);
    expect(progress.item).toBe("a.ibd");
    writeFileSync(join(folder, "a.ibd"), "123456");
    progress.read(`${at}         ...done`);
    writeFileSync(join(folder, "m.MYD"), "12");
    writeFileSync(join(folder, "t.MAI"), "123");
    progress.read(`[01] 2026-11-26 04:58:02 Copied file ./m.MYD for table \`shop\`.\`m\`, 2 bytes`);
    progress.read(`[01] 2026-11-26 04:58:02 aria table file ./t.MAI is copied successfully.`);
    progress.read("[01] 2026-11-26 04:58:02         ...done");
    expect(await progress.bytes()).toBe(11);
    expect(await progress.bytes()).toBe(11);
  });

  it.each([["xtrabackup"], ["mariadb_backup"]])("%s_…: the notes tell both places, are written again in the same version's name, and none stays", async (lead) => {
    const [notes, again] = [join(folder, lead), join(folder, `${lead}-again`)];
    for (const path of [notes, again]) mkdirSync(path);
    writeFileSync(join(notes, `${lead}_binlog_info`), "binlog.000007\t20224681\t0-1-10\n");
    writeFileSync(join(notes, `${lead}_checkpoints`), "backup_type = full-backuped\nfrom_lsn = 0\nto_lsn = 9007199254740993\nlast_lsn = 9007199254740999\n");
    for (const note of ["backup-my.cnf", "xtrabackup_info", "ibdata1"]) writeFileSync(join(notes, note), "");
    const lsn = { from: "0", to: "9007199254740993", last: "9007199254740999" };
    expect(await readNotes(notes)).toEqual({ place: { file: "binlog.000007", position: "20224681" }, lsn });
    await writeCheckpoints(again, lsn, { like: notes, account: { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 } });
    expect(readdirSync(again).sort()).toEqual(["backup-my.cnf", `${lead}_checkpoints`]);
    expect(await readNotes(again)).toEqual({ place: null, lsn });
    await removeNotes(notes);
    expect(readdirSync(notes)).toEqual(["ibdata1"]);
    await expect(readNotes(notes)).rejects.toMatchObject({ code: "MARIADB_BACKUP_FAILED" });
    await expect(writeCheckpoints(again, lsn, { like: notes, account: { uid: 0, gid: 0 } })).rejects.toMatchObject({ code: "MARIADB_BACKUP_APPLY" });
  });

  it.each([["to_lsn = 12\nlast_lsn = 12\n"], ["from_lsn = 0\nto_lsn = x\nlast_lsn = 12\n"], [""]])("positions that are not all there are none: %j", (text) => {
    expect(logPositionsIn(text)).toBeNull();
  });
});

describe("why it stopped", () => {
  const fault = (stderrTail: string, end: { code?: number | null; signal?: NodeJS.Signals | null } = {}) => toolFault({ code: 1, signal: null, stderrTail, ...end }, [], "/copy", "db");

  it.each([
    ["mariadb-backup: Error writing file '/copy/ibdata1' (errno: 28 \"No space left on device\")\n", "DISK_FULL", { path: "/copy" }],
    [`${at} Failed to connect to MariaDB server: Can't connect to local server through socket '/s' (2).\n`, "SERVER_CONNECTION_LOST", { server: "db" }],
    [`${at} Failed to connect to MariaDB server: Access denied for user 'b'@'localhost' (using password: YES).\n`, "SERVER_ACCESS_DENIED", { server: "db" }],
    [`${at} Copying ./a to /copy/a\n[00] FATAL ERROR: 2026-11-26 04:58:12 mariabackup: Error: failed to copy datafile.\n`, "MARIADB_BACKUP_FAILED", { message: "mariabackup: Error: failed to copy datafile." }],
    ["", "MARIADB_BACKUP_FAILED", { message: "exit code 1" }],
  ])("%s is %s", (text, code, params) => {
    expect(fault(text)).toMatchObject({ code, params });
  });

  it("is what a thread said first, however much others said of their files afterwards", () => {
    const said = Array.from({ length: 60 }, (_, n) => `${at} Copying ./shop/error_${n}.frm to /copy/shop/error_${n}.frm`);
    const full = "mariadb-backup: Error writing file '/copy/ib_logfile0' (errno: 28 \"No space left on device\")";
    expect([...said, full].filter(isReason)).toEqual([full]);
    expect(toolFault({ code: 1, signal: null, stderrTail: said.join("\n") }, [full], "/copy", "db").code).toBe("DISK_FULL");
  });

  it("is the signal, when one ended it; and a password's hash is never told", () => {
    expect(fault("", { code: null, signal: "SIGKILL" }).params.message).toBe("signal SIGKILL");
    const told = fault(`${at} Error: missing required privilege PROCESS on *.*\n${at}   1.GRANT RELOAD ON *.* TO \`b\`@\`localhost\` IDENTIFIED BY PASSWORD '*7EB8FF08782C8C2BE09505DF86972564EC0D140A'\n`);
    expect(told.params.message).toBe("Error: missing required privilege PROCESS on *.*");
    expect(told.detail).not.toContain("7EB8FF");
  });
});
