import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { segmentIndexKey, segmentKey, type SegmentKey, tailKey } from "#lib/domain/backup/storage-keys.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import { fetchPlainSegment } from "#worker/pipelines/restore/instant/plain-segment.ts";
import { type ArchiveScene, makeArchiveScene } from "#worker/testing/archive-scene.ts";
import { commandLine, type RunningCommand } from "#worker/testing/command-line.ts";
import { until } from "#worker/testing/processes.ts";
import { backupIncremental } from "./incremental.ts";
import { archiveRoot } from "./server-archive.ts";
import { readStatus } from "./write-status.ts";

const ATTEMPTS = 4;
/** Of the open file, so that a few transactions make several. */
const PIECE_BYTES = 4096;

interface Answer {
  readonly ok: boolean;
  readonly servers: { server: string; running: boolean; status: { unsealed: unknown[]; state: string } | null }[];
}

describe("an archive that is killed, by the command line", () => {
  let scene: ArchiveScene;
  let running: RunningCommand | undefined;
  beforeAll(async () => {
    scene = await makeArchiveScene("mysql");
  });
  afterEach(async () => {
    running?.child.kill("SIGKILL");
    await running?.end;
    running = undefined;
  });
  afterAll(async () => {
    await scene?.close();
  });

  it("is taken up where it was after kill -9 at any moment, and no destination ever meets other bytes under a known name", async () => {
    scene.live.host.config.archivePieceBytes = PIECE_BYTES;
    const start = commandLine(scene.live);
    const closedAt = (at: "one" | "two"): string[] => scene.keys(at).flatMap(({ tailEnd, file }) => (tailEnd === null ? [file] : []));
    const status = async (): Promise<Answer> => JSON.parse((await start("archive", "status").end).stdout) as Answer;
    expect((await status()).servers).toEqual([{ server: "db", running: false, status: null }]);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      running = start("archive", "run");
      await scene.write(20);
      await scene.sql("FLUSH BINARY LOGS");
      // Once as soon as it lives, then as soon as one more file is stored at the first destination.
      const wanted = closedAt("one").length + Math.min(attempt, 1);
      await until("one more closed file is stored", () => closedAt("one").length >= wanted, 60_000);
      running.child.kill("SIGKILL");
      await running.end;
      await scene.write(20);
    }
    // Between two pieces of the open file, of which nothing is stored yet: the third cannot be.
    await scene.sql("FLUSH BINARY LOGS");
    await scene.write(100);
    const { file, position } = await scene.place();
    const [log] = scene.keys("one");
    if (!log) throw new Error("nothing is stored");
    const pieces = () => scene.keys("one").filter(({ file: of, tailEnd }) => of === file && tailEnd !== null);
    const third = join(scene.live.destination("one"), tailKey(log, file, { from: 2 * PIECE_BYTES, end: 3 * PIECE_BYTES }));
    expect(position).toBeGreaterThan(4 * PIECE_BYTES);
    mkdirSync(third);
    running = start("archive", "run");
    await until("two pieces are stored, and the third is refused", () => pieces().length >= 2 && readStatus(scene.live.host, "db")?.copies[0]?.fault != null, 60_000);
    running.child.kill("SIGKILL");
    await running.end;
    rmdirSync(third);
    const [first, second, ...more] = pieces();
    expect(more).toEqual([]);
    expect([first?.tailFrom, first?.tailEnd, second?.tailFrom, second?.tailEnd]).toEqual([0, PIECE_BYTES, PIECE_BYTES, 2 * PIECE_BYTES]);
    if (second) expect(scene.byHand("one", second).equals(scene.own(file).subarray(0, 2 * PIECE_BYTES))).toBe(true);
    // As of one that was killed between the mark of a file and the clearing of its outbox.
    const [early] = scene.keys("one").filter(({ tailEnd }) => tailEnd === null);
    if (!early) throw new Error("no closed file is stored");
    const left = join(archiveRoot(scene.live.host, "db"), "outbox", segmentKey(early, early.file).replaceAll("/", "+"));
    writeFileSync(left, "left over");
    running = start("archive", "run");
    const done = await start("backup", "incremental", "--server", "db").end;
    expect(done.stderr).not.toMatch(/error/i);
    expect(JSON.parse(done.stdout)).toMatchObject({ ok: true, outcome: "completed", incremental: { epoch: 1 } });
    // The incremental archives by itself when it is up first; then `archive run` follows when it looks again.
    let answer: Answer | undefined;
    await until("archive run has taken over", async () => {
      answer = await status();
      return answer.servers[0]?.running === true && answer.servers[0].status?.state === "streaming";
    }, 60_000);
    expect(answer?.servers[0]).toMatchObject({ running: true, status: { state: "streaming", faults: [], copies: [{ destination: "one", fault: null }, { destination: "two", fault: null }] } });
    for (const key of scene.keys("two").filter(({ tailEnd }) => tailEnd === null)) expect((await scene.open("two", key)).equals(scene.own(key.file)), key.file).toBe(true);
    expect(closedAt("one")).toEqual(closedAt("two"));
    expect(existsSync(left)).toBe(false);
    expect(pieces()).toEqual([]);
    running.child.kill("SIGTERM");
    expect((await running.end).code).toBe(0);
  });

  it("takes over what a destination holds when the outbox was lost between upload and mark, and nothing else", async () => {
    const { host } = scene.live;
    const away = scene.live.destination("two");
    const closed = () => scene.keys("one").filter(({ tailEnd }) => tailEnd === null);
    const description = (key: SegmentKey): string => join(scene.live.destination("one"), segmentIndexKey(segmentKey(key, key.file)));
    const before = closed().length;
    renameSync(away, `${away}-aside`);
    writeFileSync(away, "");
    let stop = scene.archive();
    try {
      for (const file of [before + 1, before + 2]) {
        await scene.write(5);
        await scene.sql("FLUSH BINARY LOGS");
        await until("it is at the destination that is there", () => closed().length >= file && closed().every((key) => existsSync(description(key))), 60_000);
      }
      await stop();
      rmSync(join(archiveRoot(host, "db"), "outbox"), { recursive: true });
      const [stranger, described, undescribed] = closed().slice(-3);
      if (!stranger || !described || !undescribed) throw new Error("three closed files are needed");
      const own = readFileSync(description(described));
      rmSync(description(undescribed));
      // Signed, and about another file: nothing says that those bytes are these.
      writeFileSync(description(described), readFileSync(description(stranger)));
      stop = scene.archive();
      await until("the fault is told", () => readStatus(host, "db")?.copies.some(({ destination, fault }) => destination === "one" && fault?.code === "DESTINATION_KEY_TAKEN") === true, 60_000);
      await stop();
      writeFileSync(description(described), own);
      rmSync(away);
      renameSync(`${away}-aside`, away);
      stop = scene.archive();
      const run = await scene.live.run((context) => backupIncremental(context, host, "db", 100));
      expect(run.events.flatMap(({ body }) => (body.type === "finding" ? [body.fault] : []))).toEqual([]);
      expect(run).toMatchObject({ outcome: "completed", value: { epoch: 1 } });
      expect(readFileSync(description(described)).equals(own)).toBe(true);
      for (const key of [described, undescribed]) {
        for (const at of ["one", "two"] as const) expect((await scene.open(at, key)).equals(scene.own(key.file)), `${key.file} at ${at}`).toBe(true);
        // Two sealings of one file: whoever read the description at one destination can use the copy at the other.
        const [one] = openDestinations(host, ["one"]);
        const path = join(scene.live.folder, key.file);
        expect(scene.index("two", key).sealed.sha256).not.toBe(scene.index("one", key).sealed.sha256);
        await fetchPlainSegment(host, { key: segmentKey(key, key.file), index: scene.index("two", key), destinations: one ? [one] : [], pieces: [] }, path, new AbortController().signal);
        expect(readFileSync(path).equals(scene.own(key.file))).toBe(true);
      }
    } finally {
      await stop();
    }
  });
});

describe.runIf(process.getuid?.() === 0)("an archive folder that is full (tmpfs; needs root)", () => {
  let scene: ArchiveScene;
  let stop: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    scene = await makeArchiveScene("mysql");
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", scene.live.host.folders.archive]);
  });
  afterAll(async () => {
    await stop?.();
    if (scene) execFileSync("umount", [scene.live.host.folders.archive]);
    await scene?.close();
  });

  it("stops the stream with DISK_FULL, and goes on by itself when there is room again, with nothing missing", async () => {
    stop = scene.archive();
    await until("the stream runs", () => readStatus(scene.live.host, "db")?.state === "streaming", 60_000);
    await scene.sql("CREATE TABLE shop.large (id INT AUTO_INCREMENT PRIMARY KEY, content LONGTEXT)");
    for (let at = 0; at < 8; at += 1) await scene.sql("INSERT INTO shop.large (content) VALUES (REPEAT('x', 1000000))");
    await until("the disk is full", () => readStatus(scene.live.host, "db")?.state === "disk-full", 60_000).catch((error: Error) => {
      throw new Error(`${error.message}: ${JSON.stringify(readStatus(scene.live.host, "db"))}`);
    });
    expect(readStatus(scene.live.host, "db")?.trouble?.code).toBe("DISK_FULL");
    execFileSync("mount", ["-o", "remount,size=64m", scene.live.host.folders.archive]);
    await scene.write(10);
    const run = await scene.live.run((context) => backupIncremental(context, scene.live.host, "db", 100));
    expect(run.fault).toBeUndefined();
    const closed = scene.keys("one").filter(({ tailEnd }) => tailEnd === null);
    expect(closed.every(({ epoch }) => epoch === 1)).toBe(true);
    for (const key of closed) expect((await scene.open("one", key)).equals(scene.own(key.file)), key.file).toBe(true);
  });
});
