import fc from "fast-check";
import { expect, test } from "vitest";
import { newBoxKeyPair, openSealed, sealFor } from "./sealed-secret.ts";

test("what is sealed opens again, whatever characters it has", async () => {
  const pair = await newBoxKeyPair();
  await fc.assert(fc.asyncProperty(fc.string({ unit: "binary", maxLength: 200 }), async (text) => {
    expect((await openSealed(pair, await sealFor(pair.publicKey, text))).reveal()).toBe(text);
  }), { numRuns: 50 });
});

test("the same text never looks the same, and only its key opens it", async () => {
  const pair = await newBoxKeyPair();
  const sealed = await sealFor(pair.publicKey, "secret");
  expect(await sealFor(pair.publicKey, "secret")).not.toBe(sealed);
  await expect(openSealed(await newBoxKeyPair(), sealed)).rejects.toMatchObject({ code: "SECRET_UNREADABLE" });
  const bytes = Buffer.from(sealed, "base64");
  bytes[40] = (bytes[40] ?? 0) ^ 1;
  await expect(openSealed(pair, bytes.toString("base64"))).rejects.toMatchObject({ code: "SECRET_UNREADABLE" });
  await expect(openSealed(pair, "")).rejects.toMatchObject({ code: "SECRET_UNREADABLE" });
  await expect(sealFor("AAAA", "secret")).rejects.toMatchObject({ code: "INPUT_INVALID" });
});
