import { createHash, randomBytes } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fault } from "#lib/domain/fault/fault.ts";
import { run } from "#worker/exec/run.ts";
import { type SealBench, sealBench, sha256, slices } from "#worker/testing/seal-bench.ts";
import { testTools } from "#worker/testing/tools.ts";
import type { Compression } from "./compression.ts";
import type { SealedArtifact } from "./seal.ts";
import { unseal } from "./unseal.ts";

const tools = testTools();
const someBytes = Buffer.concat([Buffer.from("INSERT INTO t VALUES (1,'a');\n".repeat(20_000)), randomBytes(300_000)]);
let bench: SealBench;

beforeAll(async () => {
  bench = await sealBench();
});
afterAll(() => bench.close());

describe("unseal(seal(x)) = x", () => {
  it("for any size, cut and compression, with right digests and nothing left behind", async () => {
    const size = fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 1_200_000 }), fc.constantFrom(65_536, 131_072, 1_048_576));
    await fc.assert(
      fc.asyncProperty(size, fc.integer({ min: 1, max: 1_500_000 }), fc.constantFrom<Compression>("zstd", "gzip"), fc.boolean(), async (bytes, cut, compression, text) => {
        const plain = text ? Buffer.alloc(bytes, "INSERT INTO t VALUES (1);\n") : randomBytes(bytes);
        const artifact = await bench.sealed(slices(plain, Math.max(cut, Math.ceil(plain.length / 200))), compression);
        const file = readFileSync(artifact.path);
        expect(artifact).toMatchObject({
          plainBytes: plain.length, plainSha256: sha256(plain), sealedBytes: file.length, sealedSha256: sha256(file),
          sealedMd5: createHash("md5").update(file).digest("hex"),
        });
        const result = await bench.opened(file, { compression, expected: artifact });
        expect(result.bytes.equals(plain)).toBe(true);
        expect(result.report).toMatchObject({ plainSha256: artifact.plainSha256, sealedSha256: artifact.sealedSha256 });
        expect(existsSync(`${artifact.path}.partial`)).toBe(false);
      }),
      { numRuns: 10 },
    );
    expect(bench.left()).toEqual([]);
  });

  it.each<[Compression, string]>([["zstd", tools.zstd], ["gzip", "gzip"]])("opens with the standard tools alone (%s)", async (compression, program) => {
    const { path } = await bench.sealed(slices(someBytes, 65_536), compression);
    const script = '"$0" --batch --homedir "$1" --decrypt "$2" | "$3" -d -c | sha256sum';
    const digest = await run("sh", ["-c", script, tools.gpg, bench.ours.homedir, path, program]);
    expect(digest.stdout.slice(0, 64)).toBe(sha256(someBytes));
  });
});

describe("a stream that is not whole never ends well", () => {
  let artifact: SealedArtifact;
  let file: Buffer;
  beforeAll(async () => {
    artifact = await bench.sealed(slices(someBytes, 65_536));
    file = readFileSync(artifact.path);
  });

  it("a flipped byte, wherever it is", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: file.length - 1 }), fc.boolean(), async (at, known) => {
        const broken = Buffer.from(file);
        broken[at] = (broken[at] ?? 0) ^ 0x10;
        await expect(bench.opened(broken, known ? { expected: artifact, artifact: "k" } : {})).rejects.toMatchObject({ code: known ? "COPY_CORRUPT" : expect.stringMatching(/UNSEAL_FAILED|KEY_MISSING/) });
      }),
      { numRuns: 12, examples: [[0, true], [20, true], [20, false], [file.length - 1, false], [file.length - 30, true]] },
    );
  });

  it("cut off, also inside the last packet", async () => {
    for (const length of [0, 1, 100, file.length - 23, file.length - 1]) {
      await expect(bench.opened(file.subarray(0, length))).rejects.toMatchObject({ code: "UNSEAL_FAILED" });
      await expect(bench.opened(file.subarray(0, length), { expected: artifact })).rejects.toMatchObject({ code: "COPY_CORRUPT" });
    }
  });

  it("with bytes appended", async () => {
    const longer = Buffer.concat([file, randomBytes(5000)]);
    await expect(bench.opened(longer)).rejects.toMatchObject({ code: "UNSEAL_FAILED" });
    await expect(bench.opened(longer, { expected: artifact })).rejects.toMatchObject({ code: "COPY_CORRUPT" });
    await expect(bench.opened(Buffer.concat([file, file]))).rejects.toBeInstanceOf(Fault);
  });

  it("another artifact in its place, though it opens well", async () => {
    const other = await bench.sealed([Buffer.from("other")]);
    const bytes = readFileSync(other.path);
    await expect(bench.opened(bytes, { expected: artifact })).rejects.toMatchObject({ code: "COPY_CORRUPT" });
    await expect(bench.opened(bytes, { expected: { plainSha256: artifact.plainSha256 } })).rejects.toMatchObject({ code: "COPY_CORRUPT" });
    await expect(bench.opened(bytes, { expected: { plainBytes: artifact.plainBytes } })).rejects.toMatchObject({ code: "COPY_CORRUPT" });
  });

  it("without the key", async () => {
    const fault = { code: "KEY_MISSING", params: { recipients: "FPR" } };
    await expect(bench.opened(file, { keyring: bench.stranger, expected: artifact, recipients: ["FPR"] })).rejects.toMatchObject(fault);
    const empty = join(bench.folder, "empty");
    mkdirSync(empty, { mode: 0o700 });
    await expect(bench.opened(file, { keyring: { homedir: empty } })).rejects.toMatchObject({ code: "KEY_MISSING" });
    await run(tools.gpgconf, ["--homedir", empty, "--kill", "gpg-agent"]);
  });

  it("not encrypted at all, or of the other compression", async () => {
    await expect(bench.opened(Buffer.from("plain text"))).rejects.toMatchObject({ code: "UNSEAL_FAILED" });
    const literal = await run("sh", ["-c", `"$0" --batch --homedir "$1" --store | base64 -w0`, tools.gpg, bench.ours.homedir], { stdin: "hello" });
    await expect(bench.opened(Buffer.from(literal.stdout, "base64"))).rejects.toMatchObject({ code: "UNSEAL_FAILED" });
    await expect(bench.opened(file, { compression: "gzip" })).rejects.toMatchObject({ code: "UNSEAL_FAILED" });
  });

  it.each<[string, Compression, "gpg" | "zstd", string]>([
    ["gpg is killed", "zstd", "gpg", `head -c 150000 | ${tools.gpg} "$@"; kill -9 $$`],
    ["gpg is killed", "gzip", "gpg", `head -c 150000 | ${tools.gpg} "$@"; kill -9 $$`],
    ["gpg fails after it wrote all", "zstd", "gpg", `${tools.gpg} "$@"; exit 2`],
    ["gpg fails after it wrote all", "gzip", "gpg", `${tools.gpg} "$@"; exit 2`],
    ["gpg says that all is well, but never vouched", "gzip", "gpg", `${tools.gpg} "$@" 2>/dev/null`],
    ["zstd is killed", "zstd", "zstd", `${tools.zstd} "$@" | head -c 300000; kill -9 $$`],
    ["zstd fails after it wrote all", "zstd", "zstd", `${tools.zstd} "$@"; exit 1`],
  ])("when %s (%s)", async (name, compression, program, script) => {
    const path = join(bench.folder, `${name}.${compression}`.replaceAll(" ", "-"));
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const whole = await bench.sealed(slices(someBytes, 65_536), compression);
    const opening = bench.opened(readFileSync(whole.path), { compression, expected: whole, tools: { ...tools, [program]: path } });
    await expect(opening).rejects.toMatchObject({ code: "UNSEAL_FAILED" });
  });

  it("when zstd stops early and says that all is well", async () => {
    const path = join(bench.folder, "short-zstd");
    writeFileSync(path, `#!/bin/sh\n${tools.zstd} "$@" | head -c 300000\n`, { mode: 0o755 });
    await expect(bench.opened(file, { expected: artifact, tools: { ...tools, zstd: path } })).rejects.toMatchObject({ code: expect.stringMatching(/UNSEAL_FAILED|COPY_CORRUPT/) });
  });

  it("when its source breaks, with the source's own fault", async () => {
    const source = Readable.from((async function* () {
      yield file.subarray(0, 70_000);
      throw new Fault("DESTINATION_UNREACHABLE");
    })());
    const { stream, done } = unseal(source, { compression: "zstd", keyring: bench.ours, tools, expected: artifact });
    stream.resume();
    await expect(done).rejects.toMatchObject({ code: "DESTINATION_UNREACHABLE" });
  });

  it("stops everything when the reader goes away or somebody cancels", async () => {
    const first = unseal(createReadStream(artifact.path), { compression: "zstd", keyring: bench.ours, tools });
    first.stream.once("data", () => first.stream.destroy());
    await expect(first.done).rejects.toMatchObject({ code: "CANCELLED" });
    const abort = new AbortController();
    const second = unseal(createReadStream(artifact.path), { compression: "zstd", keyring: bench.ours, tools, signal: abort.signal });
    second.stream.once("data", () => abort.abort()).resume();
    await expect(second.done).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
