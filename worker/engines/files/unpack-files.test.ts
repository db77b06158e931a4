import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, it } from "vitest";
import { tarEnd, tarHeader } from "./tar-entries.ts";
import { unpackFiles } from "./unpack-files.ts";

const MIB = 1024 * 1024;
const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, prefix: [], root: false };
const signal = new AbortController().signal;

let data: string;
beforeEach(async () => {
  data = join(await mkdtemp(join(tmpdir(), "sg-unpack-")), "data");
  mkdirSync(data);
});
afterEach(() => rm(join(data, ".."), { recursive: true, force: true }));

it("tells when the folders are made, while the files are still to come", async () => {
  const content = Buffer.alloc(2 * MIB, "x");
  const first = Promise.withResolvers<void>();
  let told = 0;
  async function* archive(): AsyncGenerator<Buffer> {
    let bytes = 0;
    const given = (piece: Buffer): Buffer => {
      bytes += piece.length;
      return piece;
    };
    for (const path of ["shop", "shop/in", "a folder"]) yield given(tarHeader({ path, kind: "folder", bytes: 0, mode: 0o750, modifiedAt: 1_700_000_000 }));
    yield given(tarHeader({ path: "shop/in/orders.ibd", kind: "file", bytes: content.length, mode: 0o640, modifiedAt: 1_700_000_000 }));
    yield given(content.subarray(0, MIB));
    // The rest is not even there before it was told.
    await first.promise;
    expect(["shop/in", "a folder"].map((path) => existsSync(join(data, path)))).toEqual([true, true]);
    yield given(content.subarray(MIB));
    yield tarEnd(bytes);
  }
  const onFirstFile = (): void => {
    told += 1;
    first.resolve();
  };
  await unpackFiles(Readable.from(archive(), { objectMode: false }), data, own, { signal, onFirstFile });
  expect(told).toBe(1);
  expect(readFileSync(join(data, "shop/in/orders.ibd")).equals(content)).toBe(true);
});

it("names the program when it ends badly", async () => {
  const archive = Readable.from([Buffer.alloc(MIB, "no archive")], { objectMode: false });
  await expect(unpackFiles(archive, data, own, { signal })).rejects.toMatchObject({ code: "TOOL_FAILED", params: { tool: "tar" } });
});
