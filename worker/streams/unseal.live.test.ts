import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Secret } from "#lib/platform/secret.ts";
import { run } from "#worker/exec/run.ts";
import type { KeyringAccess } from "#worker/ports/keyring-access.ts";
import { testTools } from "#worker/testing/tools.ts";
import { seal } from "./seal.ts";
import { unseal } from "./unseal.ts";

const tools = testTools();
const passphrase = new Secret('pass "phrase" # ö');
let folder: string;
let home: string;
let file: Buffer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sgu-"));
  home = join(folder, "k");
  await run("mkdir", ["-m", "700", home]);
  const unlocking = ["--pinentry-mode", "loopback", "--passphrase-fd", "3"];
  const gpg = (...args: string[]) => run(tools.gpg, ["--batch", "--homedir", home, ...unlocking, ...args], { extraFds: { 3: passphrase } });
  await gpg("--quick-generate-key", "protected", "future-default", "default", "never");
  writeFileSync(join(folder, "k.asc"), (await gpg("--armor", "--export")).stdout);
  const out = seal({ compression: "zstd", level: 1, tools, tempDir: folder, recipients: [join(folder, "k.asc")] }, join(folder, "a.gpg"));
  await out.write(Buffer.from("contents"));
  file = readFileSync((await out.end()).path);
});
afterAll(async () => {
  await forgetPassphrases();
  rmSync(folder, { recursive: true, force: true });
});

/** The agent remembers by default; the keyring of this project tells it not to. */
const forgetPassphrases = () => run(tools.gpgconf, ["--homedir", home, "--kill", "gpg-agent"]);

async function opened(keyring: KeyringAccess): Promise<string> {
  await forgetPassphrases();
  const { stream, done } = unseal(Readable.from([file]), { compression: "zstd", keyring, tools });
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  await done;
  return text;
}

describe("a private key under a passphrase", () => {
  it("opens with the right one, which the agent does not need to know beforehand", async () => {
    expect(await opened({ homedir: home, passphrase })).toBe("contents");
  });

  it("fails at once with a wrong one or none, and asks nobody", async () => {
    const before = Date.now();
    await expect(opened({ homedir: home, passphrase: new Secret("wrong") })).rejects.toMatchObject({ code: "UNSEAL_FAILED" });
    await expect(opened({ homedir: home })).rejects.toMatchObject({ code: "UNSEAL_FAILED" });
    expect(Date.now() - before).toBeLessThan(60_000);
  });
});
