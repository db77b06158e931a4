import { execFileSync } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { closeSync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Artifact } from "#lib/contract/manifest/manifest.ts";
import { type SealBench, sealBench } from "#worker/testing/seal-bench.ts";
import { testTools } from "#worker/testing/tools.ts";
import { listDataFiles } from "./data-files.ts";
import { FilePacker } from "./file-packer.ts";
import { type PackJob, packFiles } from "./pack-files.ts";
import { tarHeader } from "./tar-entries.ts";

let bench: SealBench;
beforeAll(async () => {
  bench = await sealBench();
});
afterAll(() => bench.close());

/** A data directory of its own with these files. */
function tree(name: string, files: Readonly<Record<string, Buffer>>): string {
  const data = join(bench.folder, name);
  mkdirSync(data);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(data, path)), { recursive: true });
    writeFileSync(join(data, path), content, { mode: randomInt(2) === 0 ? 0o640 : 0o600 });
    utimesSync(join(data, path), 1_700_000_000, randomInt(1_700_000_000));
  }
  return data;
}

/** 8 MiB of which only the last 4 KiB take room. */
function withHole(path: string): void {
  const file = openSync(path, "w", 0o640);
  ftruncateSync(file, 8 * 1024 * 1024);
  writeSync(file, randomBytes(4096), 0, 4096, 8 * 1024 * 1024 - 4096);
  closeSync(file);
}

async function job(data: string, more: Partial<PackJob> = {}): Promise<PackJob> {
  const { files, folders } = await listDataFiles(data);
  return { data, folder: bench.sink, part: randomInt(1, 99_999), files, folders, compression: { codec: "zstd", level: 1 }, recipients: [join(bench.folder, "ours.asc")], tools: testTools(), tempDir: bench.folder, signal: new AbortController().signal, ...more };
}

async function packedAndUnpacked(data: string): Promise<string> {
  const target = `${data}-unpacked`;
  mkdirSync(target);
  await unpacked(await packFiles(await job(data)), target);
  return target;
}

async function unpacked({ name, plain: { bytes: length } }: Artifact, target: string): Promise<void> {
  const { bytes } = await bench.opened(readFileSync(join(bench.sink, name)));
  expect(bytes.length).toBe(length);
  expect(bytes.length % 512).toBe(0);
  const plain = join(bench.folder, "plain.tar");
  writeFileSync(plain, bytes);
  // What the person at the keyboard of RECOVER.md types; whatever tar complains about is on its standard error.
  expect(execFileSync("sh", ["-c", 'tar -x -C "$1" < "$0" 2>&1', plain, target], { encoding: "utf8" })).toBe("");
}

/** Everything that an archive keeps. */
function described(folder: string): unknown {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).sort().map((path) => {
    const { mode, mtimeMs, size } = statSync(join(folder, path));
    const file = (mode & 0o170000) === 0o100000;
    return { path, mode: mode.toString(8), ...(file ? { size, seconds: Math.floor(mtimeMs / 1000), content: readFileSync(join(folder, path)).toString("base64") } : {}) };
  });
}

describe("an archive part is what GNU tar unpacks to the same files", () => {
  it("of every length about a block of tar and of the compressor, names of every length, folders that hold nothing", async () => {
    const MiB = 1024 * 1024;
    const lengths = [0, 1, 511, 512, 513, MiB - 512, MiB - 1, MiB, MiB + 1, 3 * MiB + 12_345, ...Array.from({ length: 10 }, () => randomInt(2 * MiB))];
    const files = Object.fromEntries(lengths.map((length, index) => [`d${index % 3}/${index}.ibd`, randomBytes(length)]));
    for (const length of [94, 95, 96, 97, 98, 155, 200, 250]) files[`s/${"n".repeat(length)}`] = Buffer.from(String(length));
    files[`sch@00e0ma/${"@4e00".repeat(12)}/${"@1f600".repeat(30)}.ibd`] = Buffer.from("a table in Chinese");
    files["-starts with a dash; and more.ibd"] = Buffer.from("x");
    files["città/è.ibd"] = Buffer.from("named by the file system's own bytes");
    const data = tree("every", files);
    mkdirSync(join(data, "empty/of/tables"), { recursive: true });
    expect(described(await packedAndUnpacked(data))).toEqual(described(data));
  });

  it("with holes, which stay holes, beside files without", async () => {
    const data = tree("holes", { "a/dense.ibd": randomBytes(100_000), "z/dense.ibd": randomBytes(70_000) });
    withHole(join(data, "a/page-compressed.ibd"));
    const target = await packedAndUnpacked(data);
    expect(described(target)).toEqual(described(data));
    expect(statSync(join(target, "a/page-compressed.ibd")).blocks * 512).toBeLessThan(1024 * 1024);
  });

  it("of no files at all", async () => {
    const data = tree("none", {});
    expect(readdirSync(await packedAndUnpacked(data))).toEqual([]);
  });

  it("in parts, each told when it is whole and at a level of its own: unpacked in any order, together they are the folder", async () => {
    const data = tree("parts", Object.fromEntries([900_000, 5, 400_000, 70_000, 1_200_000].map((length, index) => [`s${index % 2}/${index}.ibd`, randomBytes(length)])));
    mkdirSync(join(data, "empty"));
    const told: string[] = [];
    const { files, folders, ...rest } = await job(data);
    const artifacts = await new FilePacker({ ...rest, lanes: 3, compression: { codec: "zstd", level: (file) => 2 * Number(file.slice(10, 15)) }, onSealed: ({ name }) => told.push(name) }).finish({ files, folders, bytes: 0 });
    expect(artifacts.map(({ level }) => level)).toEqual([2, 4, 6]);
    expect(artifacts.map(({ name }) => name)).toEqual([1, 2, 3].map((part) => `700-files-0000${part}.tar.zst.gpg`));
    expect(told.toSorted()).toEqual(artifacts.map(({ name }) => name));
    expect(artifacts.reduce((sum, artifact) => sum + (artifact.files ?? 0), 0)).toBe(files.length);
    expect(folders).toEqual(["empty", "s0", "s1"]);
    const target = `${data}-unpacked`;
    mkdirSync(target);
    for (const artifact of artifacts.toReversed()) await unpacked(artifact, target);
    expect(described(target)).toEqual(described(data));
    // The next ones have their names free.
    for (const { name } of artifacts) rmSync(join(bench.sink, name));
  });

  it("of more than 8 GiB: the length that no octal field holds", () => {
    const length = 9 * 1024 ** 3 + 17;
    const listed = execFileSync("sh", ["-c", "tar -tv 2>/dev/null; true"], { input: tarHeader({ path: "big.ibd", kind: "file", bytes: length, mode: 0o640, modifiedAt: 0 }), encoding: "utf8" });
    expect(listed).toMatch(new RegExp(`^-rw-r----- root/root +${length} .*big\\.ibd$`, "m"));
  });
});

describe("a part that cannot be whole is none", () => {
  const nothingLeft = (): void => {
    expect(readdirSync(bench.sink).filter((name) => name.endsWith(".partial"))).toEqual([]);
    expect(bench.left()).toEqual([]);
  };

  it.each<[string, (path: string) => void]>([
    ["is written to", (path) => writeFileSync(path, randomBytes(3_000_000))],
    ["grows", (path) => writeFileSync(path, randomBytes(9), { flag: "a" })],
    ["is cut short", (path) => writeFileSync(path, randomBytes(9))],
  ])("when a file %s while it is read", async (_what, change) => {
    const data = tree(`changes-${randomInt(1e9)}`, { "a.ibd": randomBytes(3_000_000) });
    let changed = false;
    const onBytes = (): void => {
      if (!changed) change(join(data, "a.ibd"));
      changed = true;
    };
    const given = await job(data, { onBytes });
    await expect(packFiles(given)).rejects.toMatchObject({ code: "SANDBOX_FAILED", params: { message: "a.ibd changed while it was packed" } });
    nothingLeft();
  });

  it("when a file is gone, and when it is cancelled", async () => {
    const data = tree(`gone-${randomInt(1e9)}`, { "a.ibd": randomBytes(2_000_000) });
    const given = await job(data);
    await expect(packFiles({ ...given, files: [...given.files, { path: "b.ibd", bytes: 1 }] })).rejects.toMatchObject({ code: "SANDBOX_FAILED" });
    const abort = new AbortController();
    await expect(packFiles({ ...given, signal: abort.signal, onBytes: () => abort.abort() })).rejects.toMatchObject({ code: "CANCELLED" });
    nothingLeft();
  });
});
