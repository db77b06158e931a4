import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { localDestination } from "#lib/contract/config/destination.ts";
import { LocalDestination } from "./local/local.ts";
import { fault } from "./testing/observe.ts";
import type { Body, PutOptions, StoredObject } from "#worker/ports/destination.ts";
import { withThrottle } from "./with-throttle.ts";

const KIB = 1024;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sv-throttle-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const slow = (bytesPerSecond: number) =>
  withThrottle(new LocalDestination(localDestination.parse({ kind: "local", name: "disk", root: join(folder, "copies") })), bytesPerSecond);

// Lower bounds only: a slow machine can make it slower, nothing may make it faster.
it("keeps uploads and downloads under the bandwidth, together", async () => {
  const place = slow(1024 * KIB);
  const data = Buffer.alloc(256 * KIB, 7);
  const began = performance.now();
  await Promise.all([place.put("a/1", { kind: "bytes", data }), place.put("a/2", { kind: "bytes", data })]);
  const chunks = (await (await place.get("a/1")).toArray()) as Buffer[];
  expect(Buffer.concat(chunks).equals(data)).toBe(true);
  // 768 KiB less the first piece, which need not wait.
  expect(performance.now() - began).toBeGreaterThan(650);
});

it("a cancel does not wait for the bandwidth", async () => {
  const place = slow(64 * KIB);
  const stop = new AbortController();
  const put = fault(place.put("a/1", { kind: "bytes", data: Buffer.alloc(64 * 1024 * KIB) }, { signal: stop.signal, onBytes: () => stop.abort() }));
  await expect(put).resolves.toMatchObject({ code: "CANCELLED" });
  expect(await place.stat("a/1")).toBeNull();
});

/** Its objects are as long as they are said to be, and never sent: what is left is the wait for each. */
class OnlyWaits extends LocalDestination {
  override async put(key: string, body: Body, { pace, signal }: PutOptions = {}): Promise<StoredObject> {
    const bytes = body.kind === "file" ? body.bytes : body.data.length;
    await pace?.(bytes, signal);
    return { key, bytes };
  }
}

it("what was cancelled before it left is not paid for by whoever comes next", async () => {
  const place = withThrottle(new OnlyWaits(localDestination.parse({ kind: "local", name: "disk", root: join(folder, "copies") })), 1000);
  const waitFor = (bytes: number, signal?: AbortSignal) => place.put("a/1", { kind: "file", path: "", bytes, sha256: "" }, signal ? { signal } : {});
  await waitFor(1000);
  const stop = new AbortController();
  // Days that nobody waits for.
  const queued = [waitFor(1e9, stop.signal), waitFor(1e9, stop.signal)].map(fault);
  stop.abort();
  for (const one of queued) await expect(one).resolves.toMatchObject({ code: "CANCELLED" });
  await waitFor(1);
});
