import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Artifact } from "#lib/contract/manifest/manifest.ts";
import { until } from "#worker/testing/processes.ts";
import { type SealBench, sealBench } from "#worker/testing/seal-bench.ts";
import { testTools } from "#worker/testing/tools.ts";
import { listDataFiles } from "./data-files.ts";
import { FilePacker, type PackerJob } from "./file-packer.ts";

let bench: SealBench;
let data: string;
let packer: FilePacker | undefined;
let told: string[];
let bytes: number;

beforeAll(async () => {
  bench = await sealBench();
});
afterAll(() => bench.close());
beforeEach(() => {
  data = join(bench.folder, `data-${randomBytes(4).toString("hex")}`);
  told = [];
  bytes = 0;
});
afterEach(async () => {
  await packer?.end();
  for (const name of readdirSync(bench.sink)) rmSync(join(bench.sink, name), { recursive: true });
});

function newPacker(more: Partial<PackerJob> = {}): FilePacker {
  packer = new FilePacker({
    data, folder: bench.sink, compression: { codec: "zstd", level: 1 }, recipients: [join(bench.folder, "ours.asc")], tools: testTools(), tempDir: bench.folder, signal: new AbortController().signal,
    lanes: 2, aheadBytes: 100_000, onSealed: ({ name }) => told.push(name), onBytes: (count) => (bytes += count), ...more,
  });
  return packer;
}

/** `age`: seconds since it was last written to. The inode's own time is now in any case: that one cannot be set. */
function put(path: string, length: number): void {
  mkdirSync(dirname(join(data, path)), { recursive: true });
  writeFileSync(join(data, path), randomBytes(length));
}

const sealed = (): string[] => readdirSync(bench.sink).filter((name) => name.endsWith(".gpg")).sort();
const partNames = (artifacts: readonly Artifact[]): string[] => artifacts.map(({ name }) => name);
const name = (part: number): string => `700-files-${String(part).padStart(5, "0")}.tar.zst.gpg`;

/** What the parts unpack to, in the order of their names as a restore does it. */
async function unpacked(artifacts: readonly Artifact[]): Promise<Record<string, string>> {
  const target = `${data}-unpacked`;
  mkdirSync(target);
  for (const { name: part } of artifacts) {
    const plain = join(bench.folder, "plain.tar");
    writeFileSync(plain, (await bench.opened(readFileSync(join(bench.sink, part)))).bytes);
    execFileSync("tar", ["-x", "-C", target, "-f", plain]);
  }
  return contents(target);
}

function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(files.map((entry) => [join(entry.parentPath, entry.name).slice(folder.length + 1), readFileSync(join(entry.parentPath, entry.name)).toString("base64")]).sort());
}

/** Blocks pass only once the gate is open. */
function newGate(): { gate: PromiseWithResolvers<void>; hold: () => Promise<void>; held: () => boolean } {
  const gate = Promise.withResolvers<void>();
  let asked = false;
  const hold = (): Promise<void> => {
    asked = true;
    return gate.promise;
  };
  return { gate, hold, held: () => asked };
}

const always = async (): Promise<boolean> => true;
/** Longer than a file must have been at rest, on a busy machine as well. */
const PATIENCE = 30_000;

describe("packing that begins before the data directory is whole", () => {
  it("takes tables that have come to rest, keeps what nobody touched, and packs the rest with the folders as the first part", async () => {
    put("s/large.ibd", 900_000);
    put("s/other.ibd", 200_000);
    put("s/small.ibd", 1_000);
    put("mysql.ibd", 300_000);
    const packing = newPacker();
    packing.begin(always);
    await until("it packed", () => sealed().length === 1, PATIENCE);
    expect(told).toEqual([]);
    put("t/late.ibd", 5_000);
    const content = await listDataFiles(data);
    const artifacts = await packing.finish(content);
    expect(partNames(artifacts)).toEqual([name(1), name(2), name(3)].slice(0, artifacts.length));
    expect(artifacts.find((artifact) => artifact.name === name(2))).toMatchObject({ files: 2 });
    expect(told.toSorted()).toEqual(partNames(artifacts));
    expect(told[0]).toBe(name(2));
    expect(artifacts.reduce((sum, { files = 0 }) => sum + files, 0)).toBe(content.files.length);
    expect(bytes).toBe(content.bytes);
    expect(await unpacked(artifacts)).toEqual(contents(data));
  });

  it("throws away what was written to afterwards, by its length or by its times alone", async () => {
    // Each a part of its own.
    const touches = [(path: string) => appendFileSync(path, "x"), (path: string) => writeFileSync(path, randomBytes(400_000), { flag: "r+" }), (path: string) => utimesSync(path, 1, 1)];
    const packing = newPacker({ partBytes: 400_000 });
    for (const index of touches.keys()) put(`s/hot${index}.ibd`, 400_000);
    put("s/cold.ibd", 400_000);
    packing.begin(always);
    await until("it packed", () => sealed().length === 4, PATIENCE);
    for (const [index, touch] of touches.entries()) touch(join(data, `s/hot${index}.ibd`));
    const content = await listDataFiles(data);
    const artifacts = await packing.finish(content);
    expect(artifacts.map(({ files }) => files)).toEqual([2, 1, 1]);
    expect(sealed()).toEqual(partNames(artifacts));
    expect(told.toSorted()).toEqual(partNames(artifacts));
    expect(bytes).toBe(content.bytes);
    expect(await unpacked(artifacts)).toEqual(contents(data));
  });

  it("throws away a part that is being made of a file that is gone or was written to meanwhile, and goes on", async () => {
    put("s/a.ibd", 600_000);
    const { gate, hold, held } = newGate();
    const packing = newPacker({ hold });
    packing.begin(always);
    await until("a block is asked for", held, PATIENCE);
    rmSync(join(data, "s/a.ibd"));
    put("s/b.ibd", 500_000);
    const finished = packing.finish(await listDataFiles(data));
    gate.resolve();
    const artifacts = await finished;
    expect(await unpacked(artifacts)).toEqual(contents(data));
    expect(sealed()).toEqual(partNames(artifacts));
  });

  it("takes nothing that is not likely to stay, too small, or not a table of a schema", async () => {
    put("s/hot.ibd", 200_000);
    put("s/small.ibd", 99_999);
    put("s/rows.MYD", 200_000);
    put("undo_001.ibd", 200_000);
    const asked: string[] = [];
    const packing = newPacker();
    packing.begin(async (path) => {
      asked.push(path);
      return false;
    });
    await until("it looked", () => asked.length > 2, PATIENCE);
    expect(new Set(asked)).toEqual(new Set(["s/hot.ibd"]));
    expect(sealed()).toEqual([]);
    packing.begin(always);
    await until("it packed", () => sealed().length === 1, PATIENCE);
    expect(await unpacked(await packing.finish(await listDataFiles(data)))).toEqual(contents(data));
  });

  it("waits for a folder that does not exist yet, and leaves nothing half made when it is ended", async () => {
    const { gate, hold, held } = newGate();
    const packing = newPacker({ hold });
    packing.begin(always);
    put("s/a.ibd", 600_000);
    await until("a block is asked for", held, PATIENCE);
    const ended = packing.end();
    gate.resolve();
    await ended;
    expect(readdirSync(bench.sink)).toEqual([]);
    expect(told).toEqual([]);
  });

  it("removes what is packed when nobody reads it any more, and not before", async () => {
    put("s/a.ibd", 300_000);
    put("s/b.ibd", 200);
    mkdirSync(join(data, "empty"));
    const packing = newPacker();
    packing.begin(always);
    await until("it packed", () => sealed().length === 1, PATIENCE);
    const before = contents(data);
    expect(Object.keys(before)).toEqual(["s/a.ibd", "s/b.ibd"]);
    const artifacts = await packing.finish(await listDataFiles(data), { clear: true });
    await packing.end();
    expect(contents(data)).toEqual({});
    expect(await unpacked(artifacts)).toEqual(before);
  });

  it("ends with what failed first, when the rest is packed or at once", async () => {
    put("s/a.ibd", 600_000);
    const packing = newPacker({ recipients: [join(bench.folder, "no-such-key.asc")] });
    packing.begin(always);
    await expect(packing.finish(await listDataFiles(data))).rejects.toMatchObject({ code: expect.stringMatching(/KEY_UNUSABLE|SEAL_FAILED/) });
    expect(existsSync(join(bench.sink, name(1)))).toBe(false);
  });
});
