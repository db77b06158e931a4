import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { agentsOf } from "#worker/testing/agents.ts";
import { testTools } from "#worker/testing/tools.ts";
import { openKeyring } from "./keyring.ts";

const DAY = 86_400_000;
const now = Date.now();
let folder: string;
const tools = testTools();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sgk-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("keyring", () => {
  it("makes a key, exports it, knows it, warns before it expires, refuses it after", async () => {
    const keyring = openKeyring(join(folder, "a"), tools);
    const fingerprint = await keyring.generateKey("Salvagente: prova ö <a@example.com>", new Date(now + 40 * DAY));
    const path = join(folder, "a.asc");
    writeFileSync(path, await keyring.exportPublic(fingerprint));
    const { key, warning } = await keyring.assertUsable(path, now);
    expect(key).toMatchObject({ fingerprint, canEncrypt: true, revoked: false, expired: false, uids: ["Salvagente: prova ö <a@example.com>"] });
    expect(warning).toBeNull();
    expect(Math.abs(Date.parse(key.expiresAt ?? "") - (now + 40 * DAY))).toBeLessThan(2000);
    expect((await keyring.assertUsable(path, now + 20 * DAY)).warning).toMatchObject({ code: "KEY_EXPIRING", params: { fingerprint } });
    await expect(keyring.assertUsable(path, now + 41 * DAY)).rejects.toMatchObject({ code: "KEY_UNUSABLE", params: { fingerprint } });
    expect(await keyring.hasSecret([fingerprint, "0".repeat(40)])).toEqual(new Set([fingerprint]));
    expect(statSync(join(folder, "a")).mode & 0o777).toBe(0o700);

    const other = openKeyring(join(folder, "b"), tools);
    expect(await other.importKey(await keyring.exportPublic(fingerprint))).toEqual([fingerprint]);
    expect(await other.hasSecret([fingerprint])).toEqual(new Set());
    expect(await other.importKey(await keyring.exportPrivate(fingerprint))).toEqual([fingerprint]);
    expect(await other.hasSecret([fingerprint])).toEqual(new Set([fingerprint]));

    writeFileSync(join(folder, "private.asc"), (await keyring.exportPrivate(fingerprint)).reveal());
    await expect(keyring.inspectPublicKey(join(folder, "private.asc"), now)).rejects.toMatchObject({ code: "KEY_UNUSABLE" });

    expect(agentsOf(folder)).toHaveLength(2);
    await keyring.stopAgent();
    await other.stopAgent();
    await expect.poll(() => agentsOf(folder), { timeout: 5000 }).toEqual([]);
  });

  it("refuses a folder that others can read", async () => {
    mkdirSync(join(folder, "open"), { mode: 0o755 });
    await expect(openKeyring(join(folder, "open"), tools).hasSecret([])).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });

  it("refuses what is no key, and searches by nothing but fingerprints", async () => {
    const keyring = openKeyring(join(folder, "c"), tools);
    writeFileSync(join(folder, "junk.asc"), "not a key");
    await expect(keyring.inspectPublicKey(join(folder, "junk.asc"), now)).rejects.toMatchObject({ code: "KEY_UNUSABLE" });
    await expect(keyring.importKey("junk")).rejects.toMatchObject({ code: "KEY_UNUSABLE" });
    await expect(keyring.exportPublic("--version")).rejects.toThrow(RangeError);
    await keyring.stopAgent();
  });
});
