import { describe, expect, test } from "vitest";
import type { RunEvent } from "#lib/contract/events.ts";
import type { Heartbeat } from "#lib/contract/pairing.ts";
import { newSigningKey, signEvent, signHeartbeat, signingKeyFromPem, signingKeyToPem, signJob, signText, verifyEvent, verifyHeartbeat, verifyJob, verifyText } from "./signing.ts";

const consoleKey = newSigningKey();
const NOW = Date.parse("2026-11-23T02:00:00Z");
const job = signJob(consoleKey, { host: "db-host-1", name: "backup-full", payload: { b: 1, a: "ü" }, now: NOW, validSeconds: 60 });
const check = { consoleKey: consoleKey.publicKey, host: "db-host-1", now: NOW, seenNonce: () => false };

describe("jobs", () => {
  test("an honest job opens", async () => {
    expect(await verifyJob(JSON.parse(JSON.stringify(job)), check)).toEqual({ name: "backup-full", payload: { a: "ü", b: 1 } });
  });

  test.each([
    ["payload changed", { ...job, payload: '{"a":"x"}' }, check],
    ["name changed", { ...job, name: "restore-run" }, check],
    ["host changed to ours", { ...signJob(consoleKey, { host: "db-host-2", name: "x", payload: {}, now: NOW, validSeconds: 60 }), host: "db-host-1" }, check],
    ["life prolonged", { ...job, expiresAt: "2027-01-01T00:00:00.000Z" }, { ...check, now: NOW + 120_000 }],
    ["signed by another", signJob(newSigningKey(), { host: "db-host-1", name: "backup-full", payload: {}, now: NOW, validSeconds: 60 }), check],
    ["no signature", { ...job, signature: "" }, check],
    ["rubbish signature", { ...job, signature: "%%%" }, check],
    ["a field more", { ...job, extra: 1 }, check],
    ["nothing", null, check],
    ["for another host", job, { ...check, host: "db-host-2" }],
    ["stale", job, { ...check, now: NOW + 60_001 }],
    ["from the future", job, { ...check, now: NOW - 61_000 }],
    ["replayed", job, { ...check, seenNonce: () => true }],
    ["with another console's key", job, { ...check, consoleKey: newSigningKey().publicKey }],
    ["with a key that is none", job, { ...check, consoleKey: "AAAA" }],
  ])("refused: %s", async (_what, envelope, against) => {
    await expect(verifyJob(envelope, against)).rejects.toMatchObject({ code: "JOB_REFUSED" });
  });

  test("a refused job does not use up its nonce", async () => {
    const asked: string[] = [];
    const seenNonce = (nonce: string) => asked.push(nonce) > 99;
    await verifyJob({ ...job, name: "x" }, { ...check, seenNonce }).catch(() => undefined);
    await verifyJob(job, { ...check, now: NOW + 90_000, seenNonce }).catch(() => undefined);
    expect(asked).toEqual([]);
  });

  test("every job has its own nonce", () => {
    const nonces = Array.from({ length: 50 }, () => signJob(consoleKey, { host: "h", name: "n", payload: {}, now: NOW, validSeconds: 1 }).nonce);
    expect(new Set(nonces).size).toBe(50);
  });
});

describe("events", () => {
  const worker = newSigningKey();
  const event: RunEvent = { v: 1, host: "db-host-1", runId: "20261123T020000Z-4f9a1c", seq: 1, at: "2026-11-23T02:00:00Z", body: { type: "log", level: "info", text: "🛟" } };

  test("open with the host's key only", () => {
    const envelope = JSON.parse(JSON.stringify(signEvent(worker, event)));
    expect(verifyEvent(envelope, worker.publicKey)).toEqual(event);
    expect(() => verifyEvent(envelope, newSigningKey().publicKey)).toThrow(/JOB_REFUSED/);
    expect(() => verifyEvent({ ...envelope, event: envelope.event.replace("info", "warn") }, worker.publicKey)).toThrow(/JOB_REFUSED/);
    expect(() => verifyEvent({ ...envelope, host: "db-host-2" }, worker.publicKey)).toThrow(/JOB_REFUSED/);
    const noJson = "no json";
    expect(() => verifyEvent({ v: 1, host: "db-host-1", event: noJson, signature: signText(worker, noJson) }, worker.publicKey)).toThrow(/JOB_REFUSED/);
  });
});

describe("heartbeats", () => {
  const worker = newSigningKey();
  const beat: Heartbeat = { v: 1, host: "db-host-1", at: "2026-11-23T02:00:00Z", version: "1", revision: 3, activeRun: null, runs: [], spool: null, servers: [], recovery: [] };

  test("open with the host's key only, and for that host", () => {
    const envelope = JSON.parse(JSON.stringify(signHeartbeat(worker, beat)));
    expect(verifyHeartbeat(envelope, "db-host-1", worker.publicKey)).toEqual(beat);
    expect(() => verifyHeartbeat(envelope, "db-host-1", newSigningKey().publicKey)).toThrow(/JOB_REFUSED/);
    expect(() => verifyHeartbeat(envelope, "db-host-2", worker.publicKey)).toThrow(/JOB_REFUSED/);
    expect(() => verifyHeartbeat({ ...envelope, heartbeat: envelope.heartbeat.replace('"revision":3', '"revision":4') }, "db-host-1", worker.publicKey)).toThrow(/JOB_REFUSED/);
    expect(() => verifyHeartbeat({ ...envelope, signature: signText(worker, envelope.heartbeat) }, "db-host-1", worker.publicKey)).toThrow(/JOB_REFUSED/);
    expect(() => verifyHeartbeat(beat, "db-host-1", worker.publicKey)).toThrow(/JOB_REFUSED/);
  });
});

test("a key survives its file", () => {
  const key = signingKeyFromPem(signingKeyToPem(consoleKey));
  expect(key.publicKey).toBe(consoleKey.publicKey);
  expect(verifyText(consoleKey.publicKey, "text", signText(key, "text"))).toBe(true);
  expect(Buffer.from(key.publicKey, "base64")).toHaveLength(32);
});
