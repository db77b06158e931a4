import { createHash } from "node:crypto";
import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readBack } from "../read-back.ts";
import { cutAfter, digest, fault, keys } from "./observe.ts";
import type { ContractBench } from "./subject.ts";

/** Sending: two at once, cut, cancelled, continued, and bodies that changed meanwhile. */
export function sendingContract(bench: ContractBench): void {
  it("lets two writers of one key agree on one whole body", async () => {
    const key = bench.newKey();
    const bodies = await Promise.all([bench.spooled(400_000), bench.spooled(400_000)]);
    const other = await bench.subject.reopen();
    const shared = bench.newKey();
    const same = await Promise.all([bench.place.put(shared, bodies[0]), other.put(shared, bodies[0])]);
    expect(same.map((stored) => stored.bytes)).toEqual([400_000, 400_000]);
    const results = await Promise.allSettled([bench.place.put(key, bodies[0]), bench.place.put(key, bodies[1]), bench.place.put(key, bodies[0])]);
    const stood = await digest(await bench.place.get(key));
    expect(bodies.map((body) => body.sha256)).toContain(stood);
    for (const [index, result] of results.entries()) {
      const mine = bodies[index % 2]?.sha256 === stood;
      expect(result.status).toBe(mine ? "fulfilled" : "rejected");
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "DESTINATION_KEY_TAKEN" });
    }
  });

  it("never shows a body that is being sent, and stores it whole", async () => {
    const key = bench.newKey();
    const body = await bench.spooled(bench.subject.bigBytes);
    const seen: string[] = [];
    let looks = Promise.resolve();
    let sent = 0;
    await bench.place.put(key, body, {
      onBytes: (bytes) => {
        sent += bytes;
        if (sent >= body.bytes) return;
        looks = looks.then(async () => {
          if (sent < body.bytes) seen.push(...(await keys(bench.place.list(key))));
        });
      },
    });
    await looks;
    expect(seen.filter((found) => found !== key)).toEqual([]);
    expect(sent).toBe(body.bytes);
    await readBack(bench.place, key, body);
    expect(await bench.subject.leftovers()).toEqual([]);
  });

  it("leaves nothing visible when cancelled, and a second put completes", async () => {
    const key = bench.newKey();
    const body = await bench.spooled(bench.subject.bigBytes);
    const first = await cutAfter(bench.place, key, body, body.bytes * 0.7);
    expect(first.error).toMatchObject({ code: "CANCELLED" });
    expect(await bench.place.stat(key)).toBeNull();
    expect(await keys(bench.place.list(key))).toEqual([]);
    let sent = 0;
    await (await bench.subject.reopen()).put(key, body, { onBytes: (bytes) => (sent += bytes) });
    if (bench.subject.resumes) expect(sent).toBeLessThanOrEqual(body.bytes - bench.subject.partBytes);
    else expect(sent).toBe(body.bytes);
    await readBack(bench.place, key, body);
    expect(await bench.subject.leftovers()).toEqual([]);
  });

  it("a cancel before the start sends nothing", async () => {
    const body = await bench.spooled(10);
    const sent: number[] = [];
    await expect(fault(bench.place.put(bench.newKey(), body, { signal: AbortSignal.abort(), onBytes: (bytes) => sent.push(bytes) }))).resolves.toMatchObject({ code: "CANCELLED" });
    expect(sent).toEqual([]);
  });

  it("does not mix two bodies when another one comes after a cut", async () => {
    const key = bench.newKey();
    await cutAfter(bench.place, key, await bench.spooled(bench.subject.bigBytes), bench.subject.bigBytes * 0.7);
    const body = await bench.spooled(bench.subject.bigBytes);
    await (await bench.subject.reopen()).put(key, body);
    await readBack(bench.place, key, body);
    expect(await bench.subject.leftovers().then((names) => names.length)).toBeLessThanOrEqual(1);
    await bench.place.sweep(0);
    expect(await bench.subject.leftovers()).toEqual([]);
  });

  it("goes on after a cut without the host's records", async () => {
    const key = bench.newKey();
    const body = await bench.spooled(bench.subject.bigBytes);
    await cutAfter(bench.place, key, body, body.bytes * 0.7);
    let sent = 0;
    await (await bench.subject.reopen({ emptyState: true })).put(key, body, { onBytes: (bytes) => (sent += bytes) });
    if (bench.subject.resumesWithoutRecords) expect(sent).toBeLessThanOrEqual(body.bytes - bench.subject.partBytes);
    await readBack(bench.place, key, body);
  });

  it("refuses a spooled file that changed: shorter, other bytes, gone", async () => {
    const short = await bench.spooled(5_000);
    await truncate(short.path, 4_000);
    const changed = { ...(await bench.spooled(5_000)), sha256: createHash("sha256").update("x").digest("hex") };
    const gone = { ...(await bench.spooled(5)), path: join(bench.spool, "gone") };
    for (const body of [short, changed, gone]) {
      const key = bench.newKey();
      await expect(fault(bench.place.put(key, body))).resolves.toMatchObject({ code: "DESTINATION_FAILED", retryable: false });
      expect(await bench.place.stat(key)).toBeNull();
    }
    expect(await bench.subject.leftovers()).toEqual([]);
  });
}
