import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { run } from "#worker/exec/run.ts";
import type { KeyringAccess } from "#worker/ports/keyring-access.ts";
import type { Compression } from "#worker/streams/compression.ts";
import type { SealOptions } from "#worker/streams/seal-chain.ts";
import { type SealedArtifact, type SealWriter, seal } from "#worker/streams/seal.ts";
import { unseal, type UnsealOptions, type UnsealReport } from "#worker/streams/unseal.ts";
import { testTools } from "./tools.ts";

const tools = testTools();

/** A folder with two key pairs, a spool, and short ways to seal and open; for tests of the streams. */
export interface SealBench {
  readonly folder: string;
  readonly sink: string;
  /** Its public key is `<folder>/ours.asc`, the default recipient. */
  readonly ours: KeyringAccess;
  readonly stranger: KeyringAccess;
  writer(compression: Compression, options?: Partial<SealOptions>): { path: string; writer: SealWriter };
  sealed(chunks: readonly Buffer[], compression?: Compression): Promise<SealedArtifact>;
  opened(bytes: Buffer, options?: Partial<UnsealOptions>): Promise<{ bytes: Buffer; report: UnsealReport }>;
  /** gpg's short-lived homes that still stand. */
  left(): string[];
  close(): Promise<void>;
}

export async function sealBench(): Promise<SealBench> {
  const folder = mkdtempSync(join(tmpdir(), "sgs-"));
  const sink = join(folder, "spool");
  mkdirSync(sink);
  const ours = await newKey(folder, "ours");
  const stranger = await newKey(folder, "stranger");
  let serial = 0;
  const writer: SealBench["writer"] = (compression, options = {}) => {
    serial += 1;
    const path = join(sink, `a${serial}.gpg`);
    return { path, writer: seal({ compression, level: 1, tools, tempDir: folder, recipients: [join(folder, "ours.asc")], ...options }, path) };
  };
  return {
    folder, sink, ours, stranger, writer,
    sealed: async (chunks, compression = "zstd") => {
      const { writer: out } = writer(compression);
      for (const chunk of chunks) await out.write(chunk);
      return out.end();
    },
    opened: async (bytes, options = {}) => {
      const { stream, done } = unseal(Readable.from(slices(bytes, 50_000)), { compression: "zstd", keyring: ours, tools, ...options });
      const got: Buffer[] = [];
      for await (const chunk of stream) got.push(chunk as Buffer);
      return { bytes: Buffer.concat(got), report: await done };
    },
    left: () => readdirSync(folder).filter((name) => name.startsWith("seal-")),
    close: async () => {
      for (const { homedir } of [ours, stranger]) await run(tools.gpgconf, ["--homedir", homedir, "--kill", "gpg-agent"]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Keys are made with gpg itself: the streams do not know the keyring above them. */
async function newKey(folder: string, name: string): Promise<KeyringAccess> {
  const homedir = join(folder, name);
  mkdirSync(homedir, { mode: 0o700 });
  const gpg = async (...args: string[]): Promise<string> => {
    const result = await run(tools.gpg, ["--batch", "--homedir", homedir, ...args]);
    if (result.code !== 0) throw new Error(result.stderr);
    return result.stdout;
  };
  await gpg("--passphrase", "", "--quick-generate-key", name, "future-default", "default", "never");
  writeFileSync(join(folder, `${name}.asc`), await gpg("--armor", "--export"));
  return { homedir };
}

export function slices(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

export function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
