import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ArchiveScene, makeArchiveScene } from "#worker/testing/archive-scene.ts";
import { filesUnder } from "#worker/testing/fault-scene.ts";
import { childrenOf, until } from "#worker/testing/processes.ts";
import { backupIncremental, INCREMENTAL_STAGES } from "./incremental.ts";
import { readStatus } from "./write-status.ts";

const FLAVORS = ["mysql", "mariadb"] as const;
/** Small, so that a few transactions make several. */
const PIECE_BYTES = 8 * 1024;
const PROGRAM = { mysql: "mysqlbinlog", mariadb: "mariadb-binlog" } as const;

/** Read at once: it may end at any moment. */
function isHalted(pid: number): boolean {
  const path = `/proc/${pid}/stat`;
  return existsSync(path) && /\) T /.test(readFileSync(path, "utf8"));
}

describe.each(FLAVORS)("the continuous archive of %s", (flavor) => {
  let scene: ArchiveScene;
  let stop: (() => Promise<void>) | undefined;
  const incremental = () => scene.live.run((context) => backupIncremental(context, scene.live.host, "db", 100));
  const faults = (): string[] => readStatus(scene.live.host, "db")?.faults.map(({ fault }) => fault.code) ?? [];
  /** Every closed file at both destinations, opened, is the server's own. */
  const expectWhole = async (): Promise<void> => {
    const epoch = Math.max(...scene.keys("one").map((key) => key.epoch));
    for (const destination of ["one", "two"] as const) {
      const closed = scene.keys(destination).filter((key) => key.tailEnd === null && key.epoch === epoch);
      expect(closed.length).toBeGreaterThan(0);
      for (const key of closed) {
        const bytes = await scene.open(destination, key);
        expect(bytes.equals(scene.own(key.file)), `${key.file} at ${destination}`).toBe(true);
      }
    }
  };

  beforeAll(async () => {
    scene = await makeArchiveScene(flavor);
    scene.live.host.config.archivePieceBytes = PIECE_BYTES;
    stop = scene.archive();
  });
  afterAll(async () => {
    await stop?.();
    await scene?.close();
  });

  it("brings the tail of the open file away while it is written, and an incremental brings it all", async () => {
    await scene.write(50);
    await until("a tail at both destinations", () => (["one", "two"] as const).every((at) => scene.keys(at).some(({ tailEnd }) => tailEnd !== null)), 60_000);
    await scene.write(50);
    const { file, position } = await scene.place();
    const piece = () => scene.keys("one").findLast(({ tailEnd, file: of }) => tailEnd !== null && of === file);
    // MariaDB sends the last note of a file with the next transaction only.
    await until("the pieces reach the server's own place", () => (piece()?.tailEnd ?? 0) >= position - 64, 60_000);
    const last = piece();
    if (!last) throw new Error("no piece");
    expect(last.tailFrom).toBeGreaterThanOrEqual(2 * PIECE_BYTES);
    expect(scene.byHand("one", last).equals(scene.own(file).subarray(0, last.tailEnd ?? 0))).toBe(true);
    const run = await incremental();
    expect(run.fault).toBeUndefined();
    expect(run).toMatchObject({ outcome: "completed", value: { file, epoch: 1 } });
    expect(run.events.flatMap(({ body }) => (body.type === "stage-finished" ? [body.stage] : []))).toEqual([...INCREMENTAL_STAGES]);
    await expectWhole();
    const closed = scene.keys("one").findLast(({ tailEnd }) => tailEnd === null);
    expect(closed?.file).toBe(file);
    if (closed) expect(scene.index("one", closed).content).toMatchObject({ end: { kind: "rotated" }, transactions: expect.any(Number) });
    await until("the tails of closed files are gone", () => scene.keys("one").every(({ tailEnd, file: of }) => tailEnd === null || of !== file));
    expect(faults()).toEqual([]);
  });

  it("keeps nothing readable at a destination, and only the newest raw files here", async () => {
    for (const at of ["one", "two"] as const) {
      const readable = filesUnder(scene.live.destination(at)).filter((path) => readFileSync(path).includes("row 1 xxx"));
      expect(readable).toEqual([]);
    }
    for (let turn = 0; turn < 3; turn += 1) {
      await scene.write(3);
      expect((await incremental()).outcome).toBe("completed");
    }
    const raw = (): string[] => filesUnder(scene.root).filter((path) => /binlog\.\d{6}$/.test(path));
    await until("sealed raw files are dropped", () => raw().length <= 2, 30_000);
    expect(filesUnder(join(scene.root, "outbox")).filter((path) => !/tail/.test(path))).toEqual([]);
  });

  it("reads a busy server in bursts, and nothing is missing when it is stopped in between", async () => {
    const streams = (): number[] => childrenOf(process.pid, PROGRAM[flavor]);
    const startWith = async (pieceBytes: number): Promise<void> => {
      await stop?.();
      expect(streams()).toEqual([]);
      scene.live.host.config.archivePieceBytes = pieceBytes;
      stop = scene.archive();
    };
    await startWith(8 * 1024 * 1024);
    const busy = new AbortController();
    const writing = (async () => {
      // Neither so little nor so much that bursts are not worth it, however quick or slow the machine is.
      for (; !busy.signal.aborted; await setTimeout(5)) await scene.sql(`INSERT INTO shop.ledger (content) VALUES (REPEAT('x', 200))${", (REPEAT('y', 200))".repeat(40)}`);
    })();
    try {
      await until("the stream is halted", () => streams().some(isHalted), 60_000);
      await startWith(8 * 1024 * 1024);
    } finally {
      busy.abort();
      await writing;
    }
    expect((await incremental()).fault).toBeUndefined();
    await expectWhole();
    expect(faults()).toEqual([]);
    await startWith(PIECE_BYTES);
  });

  it("goes on after kill -9 of the stream, with nothing missing and nothing twice", async () => {
    for (let turn = 0; turn < 3; turn += 1) {
      await scene.write(20);
      const [pid] = childrenOf(process.pid, PROGRAM[flavor]);
      if (pid) process.kill(pid, "SIGKILL");
      await scene.write(20);
      await until("another stream", () => childrenOf(process.pid, PROGRAM[flavor]).some((other) => other !== pid), 60_000);
    }
    expect((await incremental()).fault).toBeUndefined();
    await expectWhole();
    expect(scene.keys("one").every(({ epoch }) => epoch === 1)).toBe(true);
    expect(faults()).toEqual([]);
  });

  it("goes on after an orderly restart and after a crash of the server", async () => {
    for (const crash of [false, true]) {
      await scene.write(30);
      await stop?.();
      stop = scene.archive();
      await scene.write(30);
      await scene.restart({ crash });
      // Its socket is another one now: the settings are opened anew, as archiveAll does when they change.
      await stop();
      stop = scene.archive();
      await scene.write(30);
      expect((await incremental()).fault).toBeUndefined();
      await expectWhole();
    }
    expect(scene.keys("one").every(({ epoch }) => epoch === 1)).toBe(true);
    expect(faults()).toEqual([]);
  });

  it("brings everything to one destination while the other is away, and to the other when it is back", async () => {
    const away = scene.live.destination("two");
    renameSync(away, `${away}-aside`);
    // A file where its folder was: nothing can be stored there.
    writeFileSync(away, "");
    const closed = (at: "one" | "two"): string[] => scene.keys(at).flatMap(({ tailEnd, file }) => (tailEnd === null ? [file] : []));
    try {
      for (let turn = 0; turn < 3; turn += 1) {
        await scene.write(3);
        const { file } = await scene.place();
        await scene.sql("FLUSH BINARY LOGS");
        await until(`${file} is at the destination that is there`, () => closed("one").includes(file), 60_000);
      }
      await until("the status says which one is away", () => readStatus(scene.live.host, "db")?.copies.find(({ destination }) => destination === "two")?.fault != null, 30_000);
    } finally {
      rmSync(away);
      renameSync(`${away}-aside`, away);
    }
    expect((await incremental()).fault).toBeUndefined();
    expect(closed("two")).toEqual(closed("one"));
    await expectWhole();
  });

  it("ends a stream that hangs while the server goes on", async () => {
    const [hung] = childrenOf(process.pid, PROGRAM[flavor]);
    if (hung === undefined) throw new Error("no stream");
    process.kill(hung, "SIGSTOP");
    await scene.write(20);
    await until("the stall is on record", () => faults().includes("ARCHIVE_STREAM_STALLED"), 90_000);
    expect((await incremental()).value).toMatchObject({ epoch: 1 });
    await expectWhole();
  });

  it("begins a new epoch after RESET, and says so", async () => {
    await scene.write(10);
    await scene.sql(flavor === "mysql" ? "RESET BINARY LOGS AND GTIDS" : "RESET MASTER");
    await scene.write(10);
    await until("the fault is on record", () => faults().includes("ARCHIVE_HISTORY_CHANGED"), 90_000);
    const run = await incremental();
    expect(run.fault).toBeUndefined();
    expect(run).toMatchObject({ outcome: "warning", value: { file: "binlog.000001", epoch: 2 } });
    await expectWhole();
    expect(scene.keys("one").some(({ epoch }) => epoch === 1)).toBe(true);
  });

  it("reports a gap when the server purged what was not archived", async () => {
    await stop?.();
    await scene.write(5);
    for (let turn = 0; turn < 3; turn += 1) await scene.sql("FLUSH BINARY LOGS");
    const { file } = await scene.place();
    // A server passes over what a reader holds, and notices only when it writes to it that the reader is gone.
    await until("purged", async () => {
      await scene.write(1);
      await scene.sql(`PURGE BINARY LOGS TO '${file}'`);
      return (await scene.oldest()) === file;
    }, 60_000);
    stop = scene.archive();
    await until("the gap is on record", () => faults().includes("ARCHIVE_GAP"), 60_000);
    const run = await incremental();
    expect(run).toMatchObject({ outcome: "failed", fault: { code: "ARCHIVE_CHAIN_BROKEN" } });
    const keys = scene.keys("one").filter(({ epoch, tailEnd }) => epoch === 2 && tailEnd === null);
    expect(keys.map((key) => key.file)).toContain(file);
  });

  it("keeps both when a known name comes with other bytes", async () => {
    const reset = flavor === "mysql" ? "RESET BINARY LOGS AND GTIDS" : "RESET MASTER";
    await scene.sql(reset);
    await scene.write(5);
    const before = await incremental();
    expect(before.value).toMatchObject({ epoch: 3, file: "binlog.000001" });
    await until("the second file is here", () => readStatus(scene.live.host, "db")?.local?.file === "binlog.000002", 60_000);
    await stop?.();
    await scene.sql(reset);
    await scene.write(5);
    await scene.sql("FLUSH BINARY LOGS");
    // As long as the copy here, so that only its bytes tell.
    await scene.write(50);
    const kept = scene.keys("one").filter(({ epoch, tailEnd }) => epoch === 3 && tailEnd === null);
    stop = scene.archive();
    await until("the other history is on record", () => readStatus(scene.live.host, "db")?.epoch === 4, 60_000);
    expect((await incremental()).value).toMatchObject({ epoch: 4 });
    await expectWhole();
    for (const key of kept) expect((await scene.open("one", key)).length).toBeGreaterThan(0);
    expect(scene.keys("one").filter(({ epoch }) => epoch === 4).map(({ file }) => file)).toContain("binlog.000001");
  });
});
