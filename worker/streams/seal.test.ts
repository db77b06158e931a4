import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fault } from "#lib/domain/fault/fault.ts";
import { type SealBench, sealBench } from "#worker/testing/seal-bench.ts";
import { testTools } from "#worker/testing/tools.ts";
import type { Compression } from "./compression.ts";
import { seal } from "./seal.ts";

const tools = testTools();
const someBytes = Buffer.concat([Buffer.from("INSERT INTO t VALUES (1,'a');\n".repeat(20_000)), randomBytes(300_000)]);
let bench: SealBench;

beforeAll(async () => {
  bench = await sealBench();
});
afterAll(() => bench.close());

describe("a seal that fails leaves nothing", () => {
  const clean = (path: string): void => {
    expect(readdirSync(bench.sink).filter((name) => path.includes(name.replace(".partial", "")))).toEqual([]);
    expect(bench.left()).toEqual([]);
  };

  it("aborted in the middle", async () => {
    const { path, writer: out } = bench.writer("zstd");
    await out.write(someBytes);
    const reason = new Fault("DUMP_FAILED");
    await out.abort(reason);
    await expect(out.end()).rejects.toBe(reason);
    await expect((async () => out.write(someBytes))()).rejects.toBe(reason);
    clean(path);
  });

  it("aborted by a signal, also before its start", async () => {
    const abort = new AbortController();
    const { path, writer: out } = bench.writer("gzip", { signal: abort.signal });
    await out.write(someBytes);
    abort.abort();
    await expect(out.end()).rejects.toMatchObject({ code: "CANCELLED" });
    clean(path);
    const late = bench.writer("zstd", { signal: abort.signal });
    await expect(late.writer.end()).rejects.toMatchObject({ code: "CANCELLED" });
    clean(late.path);
  });

  it("for a key that cannot be used", async () => {
    writeFileSync(join(bench.folder, "junk.asc"), "no key");
    for (const recipient of ["junk.asc", "missing.asc"]) {
      const { path, writer: out } = bench.writer("zstd", { recipients: [join(bench.folder, "ours.asc"), join(bench.folder, recipient)] });
      await expect(out.end()).rejects.toMatchObject({ code: "KEY_UNUSABLE", params: { fingerprint: recipient } });
      clean(path);
    }
  });

  /** A program that does its work only in part. */
  const broken = (name: string, script: string): string => {
    const path = join(bench.folder, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return path;
  };
  it.each<[string, Compression, "gpg", string]>([
    ["gpg is killed", "zstd", "gpg", `head -c 500000 | ${tools.gpg} "$@"; kill -9 $$`],
    ["gpg is killed", "gzip", "gpg", `head -c 500000 | ${tools.gpg} "$@"; kill -9 $$`],
    ["gpg fails after it wrote all", "zstd", "gpg", `${tools.gpg} "$@"; exit 2`],
    ["gpg says that all is well, but wrote nothing", "gzip", "gpg", "cat > /dev/null"],
    ["gpg stops early and says that all is well", "zstd", "gpg", `head -c 500000 | ${tools.gpg} "$@"`],
  ])("when %s (%s)", async (name, compression, program, script) => {
    const { path, writer: out } = bench.writer(compression, { tools: { ...tools, [program]: broken(`${name}.${compression}`.replaceAll(" ", "-"), script) } });
    const pour = async (): Promise<void> => {
      for (let round = 0; round < 6; round += 1) await out.write(randomBytes(1_000_000));
      await out.end();
    };
    await expect(pour()).rejects.toMatchObject({ code: "SEAL_FAILED" });
    clean(path);
  });

  it("when the disk is full, and the file that was there stays", async () => {
    const { path, writer: out } = bench.writer("zstd");
    await out.abort(new Fault("CANCELLED"));
    writeFileSync(path, "older");
    symlinkSync("/dev/full", `${path}.partial`);
    const full = seal({ compression: "zstd", level: 1, tools, tempDir: bench.folder, recipients: [join(bench.folder, "ours.asc")] }, path);
    await full.write(someBytes);
    await expect(full.end()).rejects.toMatchObject({ code: "DISK_FULL", params: { path: bench.sink } });
    expect(readFileSync(path, "utf8")).toBe("older");
    expect(readdirSync(bench.sink).filter((name) => name.endsWith(".partial"))).toEqual([]);
    expect(bench.left()).toEqual([]);
  });

  it("when the folder is not there", async () => {
    const out = seal({ compression: "zstd", level: 1, tools, tempDir: bench.folder, recipients: [join(bench.folder, "ours.asc")] }, join(bench.folder, "nowhere", "a.gpg"));
    await expect(out.end()).rejects.toMatchObject({ code: "SEAL_FAILED" });
    expect(bench.left()).toEqual([]);
  });
});
