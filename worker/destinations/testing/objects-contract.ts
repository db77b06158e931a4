import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { readBack } from "../read-back.ts";
import { all, digest, fault, keys } from "./observe.ts";
import type { ContractBench } from "./subject.ts";

/** Objects are stored, read back, listed and removed as the port promises. */
export function objectsContract(bench: ContractBench): void {
  it("stores a file and gives it back, byte for byte", async () => {
    const key = bench.newKey();
    const body = await bench.spooled(300_001);
    const stored = await bench.place.put(key, body);
    expect(stored).toMatchObject({ key, bytes: 300_001 });
    expect(Math.abs(Date.parse(stored.modifiedAt ?? "") - Date.now())).toBeLessThan(120_000);
    expect(await bench.place.stat(key)).toMatchObject({ key, bytes: 300_001 });
    expect(await digest(await bench.place.get(key))).toBe(body.sha256);
    await readBack(bench.place, key, body);
  });

  it("stores an empty body and a document from memory", async () => {
    for (const data of [Buffer.alloc(0), Buffer.from('{"v":1}\n')]) {
      const key = bench.newKey("manifest.json");
      await bench.place.put(key, { kind: "bytes", data });
      expect(await bench.place.stat(key)).toMatchObject({ bytes: data.length });
      expect(Buffer.concat((await (await bench.place.get(key)).toArray()) as Buffer[])).toEqual(data);
    }
  });

  it("reads from an offset, at the end and beyond", async () => {
    const key = bench.newKey();
    const data = randomBytes(100_000);
    await bench.place.put(key, { kind: "bytes", data });
    for (const offset of [0, 1, 65_536, 99_999, 100_000, 200_000]) {
      const read = Buffer.concat((await (await bench.place.get(key, { offset })).toArray()) as Buffer[]);
      expect(read.equals(data.subarray(offset)), `offset ${offset}`).toBe(true);
    }
  });

  it("does not send the same body again", async () => {
    const key = bench.newKey();
    const body = await bench.spooled(200_000);
    await bench.place.put(key, body);
    let sent = 0;
    const again = await (await bench.subject.reopen()).put(key, body, { onBytes: (bytes) => (sent += bytes) });
    expect(sent).toBe(0);
    expect(again).toMatchObject({ key, bytes: 200_000 });
  });

  it("refuses another body under a taken key and leaves what stands there", async () => {
    const key = bench.newKey();
    const first = await bench.spooled(1_000);
    await bench.place.put(key, first);
    for (const other of [await bench.spooled(1_000), await bench.spooled(999)]) {
      await expect(fault(bench.place.put(key, other))).resolves.toMatchObject({ code: "DESTINATION_KEY_TAKEN", retryable: false });
    }
    expect(await digest(await bench.place.get(key))).toBe(first.sha256);
  });

  it("replaces a document when asked", async () => {
    const key = bench.newKey("verification.json");
    await bench.place.put(key, { kind: "bytes", data: Buffer.from("first") });
    await bench.place.put(key, { kind: "bytes", data: Buffer.from("other") }, { overwrite: true });
    await bench.place.put(key, { kind: "bytes", data: Buffer.from("third, longer") }, { overwrite: true });
    expect(Buffer.concat((await (await bench.place.get(key)).toArray()) as Buffer[]).toString()).toBe("third, longer");
  });

  it("says what is missing", async () => {
    const key = bench.newKey();
    expect(await bench.place.stat(key)).toBeNull();
    await expect(fault(bench.place.get(key).then(digest))).resolves.toMatchObject({ code: "DESTINATION_OBJECT_MISSING", params: { key } });
    await expect(fault(readBack(bench.place, key, { bytes: 1, sha256: "" }))).resolves.toMatchObject({ code: "DESTINATION_OBJECT_MISSING" });
    await bench.place.remove(key);
  });

  it("removes, and what was removed can be stored anew", async () => {
    const key = bench.newKey();
    await bench.place.put(key, { kind: "bytes", data: Buffer.from("a") });
    await bench.place.remove(key);
    await bench.place.remove(key);
    expect(await bench.place.stat(key)).toBeNull();
    await bench.place.put(key, { kind: "bytes", data: Buffer.from("b") });
    expect(await bench.place.stat(key)).toMatchObject({ bytes: 1 });
  });

  it("lists in key order, under a prefix, whole objects only", async () => {
    const names = ["list/a-b/1", "list/a.c", "list/a/2", "list/a/10", "list/a0", "list/B", "list/z/deep/er", "listing/no"];
    for (const key of names) await bench.place.put(key, { kind: "bytes", data: Buffer.from(key) });
    expect(await keys(bench.place.list("list/"))).toEqual(names.slice(0, 7).sort());
    expect(await keys(bench.place.list("list/a/"))).toEqual(["list/a/10", "list/a/2"]);
    expect(await keys(bench.place.list("list/a"))).toEqual(["list/a-b/1", "list/a.c", "list/a/10", "list/a/2", "list/a0"]);
    expect(await keys(bench.place.list("nothing/here/"))).toEqual([]);
    expect((await keys(bench.place.list(""))).filter((key) => key.startsWith("list"))).toEqual([...names].sort());
    const [first] = await all(bench.place.list("list/B"));
    expect(first).toMatchObject(bench.subject.listsBytes === false ? { key: "list/B" } : { bytes: 6 });
    expect(await bench.place.stat("list/B")).toMatchObject({ bytes: 6 });
  });

  it("read-back names the difference", async () => {
    const key = bench.newKey();
    const body = await bench.spooled(5_000);
    await bench.place.put(key, body);
    await expect(fault(readBack(bench.place, key, { ...body, bytes: 5_001 }))).resolves.toMatchObject({ code: "COPY_CORRUPT", params: { message: "expected 5001 bytes, found 5000" } });
    const wrong = "0".repeat(64);
    await expect(fault(readBack(bench.place, key, { ...body, sha256: wrong }))).resolves.toMatchObject({
      code: "COPY_CORRUPT",
      params: { message: `expected SHA-256 ${wrong}, found ${body.sha256}` },
    });
  });
}
