import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Secret } from "#lib/platform/secret.ts";
import { agentsOf } from "#worker/testing/agents.ts";
import { testTools } from "#worker/testing/tools.ts";
import { openKeyring } from "./keyring.ts";

let folder: string;
const tools = testTools();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sgk-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("keyring with a passphrase", () => {
  it("keeps the passphrase of a protected key, in a folder whose path is too long for sockets", async () => {
    const long = join(folder, "x".repeat(120), "keyring");
    mkdirSync(join(folder, "x".repeat(120)));
    const keyring = openKeyring(long, tools, new Secret('pass "phrase" ö # \\'));
    const fingerprint = await keyring.generateKey("long", null);
    expect((await keyring.exportPrivate(fingerprint)).reveal()).toContain("PRIVATE KEY BLOCK");
    await expect(openKeyring(long, tools, new Secret("wrong")).exportPrivate(fingerprint)).rejects.toMatchObject({ code: "TOOL_FAILED" });
    const short = keyring.access().homedir;
    expect(short.length).toBeLessThan(87);
    expect(agentsOf(short)).toHaveLength(1);
    await keyring.stopAgent();
    expect(existsSync(short)).toBe(false);
    expect(agentsOf(short)).toEqual([]);
  });
});
