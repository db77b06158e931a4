import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { localDestination } from "#lib/contract/config/destination.ts";
import type { Body } from "#worker/ports/destination.ts";
import { LocalDestination } from "./local.ts";
import { STALE_PARTIAL_MS } from "./write-file.ts";

const KEY = "srv/full/1/100-rows.sql.zst.gpg";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sv-final-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function place(name: string, root = join(folder, name)): LocalDestination {
  return new LocalDestination(localDestination.parse({ kind: "local", name, root }));
}

async function spooled(at = folder): Promise<Extract<Body, { kind: "file" }>> {
  const data = randomBytes(700_000);
  const path = join(at, `spooled-${randomBytes(4).toString("hex")}`);
  await writeFile(path, data, { mode: 0o600 });
  return { kind: "file", path, bytes: data.length, sha256: createHash("sha256").update(data).digest("hex"), final: true };
}

const inode = async (path: string): Promise<number> => (await stat(path)).ino;
const stored = (name: string): string => join(folder, name, KEY);

describe("a spooled file that nobody writes to again", () => {
  it("becomes the copy itself, told as sent, read back, and stays when the spool is emptied", async () => {
    const body = await spooled();
    let told = 0;
    expect(await place("a").put(KEY, body, { onBytes: (bytes) => (told += bytes) })).toMatchObject({ bytes: body.bytes, readBack: true });
    expect(told).toBe(body.bytes);
    expect(await inode(stored("a"))).toBe(await inode(body.path));
    await rm(body.path);
    expect(await place("a").digest(KEY)).toEqual({ bytes: body.bytes, sha256: body.sha256 });
  });

  it("counts as written to now while it is taken over, however long it lay in the spool: another lane removes what looks left behind", async () => {
    const body = await spooled();
    await utimes(body.path, 1, 1);
    const ages: number[] = [];
    const look = (): void => {
      const at = dirname(stored("a"));
      for (const name of readdirSync(at)) ages.push(Date.now() - statSync(join(at, name)).mtimeMs);
    };
    await place("a").put(KEY, body, { onBytes: look });
    expect(ages).toHaveLength(1);
    expect(Math.max(...ages)).toBeLessThan(STALE_PARTIAL_MS);
  });

  it("is one copy only: a second place on the same file system gets bytes of its own, also at the same time", async () => {
    const body = await spooled();
    await Promise.all([place("a").put(KEY, body), place("b").put(KEY, body)]);
    await place("c").put(KEY, body);
    const inodes = new Set(await Promise.all(["a", "b", "c"].map((name) => inode(stored(name)))));
    expect(inodes.size).toBe(3);
    for (const name of ["a", "b", "c"]) expect((await place(name).digest(KEY)).sha256).toBe(body.sha256);
  });

  it("is copied where nobody says that it is final", async () => {
    const { final: _final, ...body } = await spooled();
    await place("a").put(KEY, body);
    expect(await inode(stored("a"))).not.toBe(await inode(body.path));
  });

  it.runIf(existsSync("/dev/shm"))("is copied to another file system", async () => {
    const root = await mkdtemp("/dev/shm/sv-final-");
    try {
      const body = await spooled();
      await place("shm", root).put(KEY, body);
      await rm(body.path);
      expect((await place("shm", root).digest(KEY)).sha256).toBe(body.sha256);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });

  it("is not stored when its bytes are not those that were sealed, and nothing stays of the attempt", async () => {
    const body = await spooled();
    const data = await readFile(body.path);
    data[350_000] = (data[350_000] ?? 0) ^ 1;
    await writeFile(body.path, data);
    await expect(place("a").put(KEY, body)).rejects.toMatchObject({ code: "DESTINATION_FAILED", retryable: false });
    expect((await readdir(join(folder, "a"), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())).toEqual([]);
    expect((await stat(body.path)).nlink).toBe(1);
  });

  it("leaves another file that stands under the key, and can be tried again", async () => {
    const [first, other] = [await spooled(), await spooled()];
    await place("a").put(KEY, first);
    await expect(place("a").put(KEY, other)).rejects.toMatchObject({ code: "DESTINATION_KEY_TAKEN" });
    expect(await inode(stored("a"))).toBe(await inode(first.path));
    await place("b").put(KEY, other);
    expect(await inode(stored("b"))).toBe(await inode(other.path));
  });
});
