import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BlockWriter, ROOM_BYTES } from "#worker/streams/block-writer.ts";
import { SourceFile } from "./source-file.ts";

const MiB = 1024 * 1024;
let folders: string[] = [];
beforeAll(async () => {
  const parents = [tmpdir(), ...(existsSync("/dev/shm") ? ["/dev/shm"] : [])];
  folders = await Promise.all(parents.map((parent) => mkdtemp(join(parent, "sv-source-"))));
});
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

/** As packing does it: headers of 512 bytes before, read into the very blocks that are written on. */
async function throughBlocks(path: string, size: number, headers: number): Promise<{ content: Buffer; least: number }> {
  const pieces: Buffer[] = [];
  const sink = new Writable({
    highWaterMark: 2 * MiB,
    write(chunk: Buffer, _encoding, done) {
      pieces.push(Buffer.from(chunk));
      setImmediate(done);
    },
  });
  const writer = new BlockWriter(sink);
  const finished = new Promise((resolve) => sink.once("finish", resolve));
  const file = await SourceFile.open(path);
  let least = MiB;
  for (let header = 0; header < headers; header += 1) await writer.write(Buffer.alloc(512, header));
  for (let at = 0; at < size; ) {
    const filled = await writer.fill((room) => {
      least = Math.min(least, room.length);
      return file.read(room, at, size - at);
    });
    expect(filled.length).toBeGreaterThan(0);
    at += filled.length;
  }
  await file.close();
  writer.end();
  await finished;
  return { content: Buffer.concat(pieces), least };
}

describe("a file that is read past the page cache where that is possible", () => {
  it("gives every byte, whatever its length and whatever stands before it in the block, on a disk and in memory", async () => {
    for (const folder of folders) {
      for (const size of [0, 1, 511, 4095, 4096, 4097, MiB - 4096, MiB - 512, MiB, MiB + 1, 3 * MiB + 16_384, 2 * MiB + 777]) {
        const data = randomBytes(size);
        const path = join(folder, `f${size}`);
        await writeFile(path, data);
        for (const headers of [0, 1, 8, 2043]) {
          const { content, least } = await throughBlocks(path, size, headers);
          expect(content.subarray(headers * 512).equals(data), `${path} after ${headers} headers`).toBe(true);
          expect(least).toBeGreaterThanOrEqual(ROOM_BYTES);
        }
      }
    }
  });

  it("goes on through the cache from a place that is no sector's, and says when its name has gone to another file by then", async () => {
    const [folder = ""] = folders;
    const path = join(folder, "moved");
    const data = randomBytes(64 * 1024);
    await writeFile(path, data);
    const room = Buffer.alloc(16_384);
    const file = await SourceFile.open(path);
    expect(await file.read(room, 100, 5_000)).toBe(5_000);
    expect(room.subarray(0, 5_000).equals(data.subarray(100, 5_100))).toBe(true);
    expect(await file.read(room, 60_000, 64 * 1024 - 60_000)).toBe(5_536);
    expect(await file.read(room, 64 * 1024, 1)).toBe(0);
    await file.close();

    const replaced = await SourceFile.open(path);
    await writeFile(join(folder, "other"), data);
    await rename(join(folder, "other"), path);
    const outcome = await replaced.read(room, 100, 5_000).then(
      (bytes) => bytes,
      (error: NodeJS.ErrnoException) => error.code,
    );
    // Where the file system takes no direct reads, it is the same file all along.
    expect(["ENOENT", 5_000]).toContain(outcome);
    await replaced.close();
  });

  it("refuses a symbolic link", async () => {
    const [folder = ""] = folders;
    await symlink("/etc/hostname", join(folder, "link"));
    await expect(SourceFile.open(join(folder, "link"))).rejects.toMatchObject({ code: "ELOOP" });
  });
});
