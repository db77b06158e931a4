import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clonesLeft, makeCloneScene } from "#worker/testing/clone-scene.ts";
import type { FaultScene } from "#worker/testing/fault-scene.ts";

let scene: FaultScene;

beforeAll(async () => {
  scene = await makeCloneScene({ bulk: 1 });
  await scene.sql("CREATE USER app@localhost IDENTIFIED BY 'an-Application-1'", "GRANT SELECT ON shop.* TO app@localhost");
}, 120_000);

afterAll(() => scene?.close());

describe("physical full by the server's own clone", () => {
  it("is consistent while rows are written, knows its place, and leaves no copy behind", async () => {
    let writing = true;
    const writer = (async () => {
      while (writing) await scene.sql("INSERT INTO shop.customers (name) VALUES ('while it is cloned')");
    })();
    const run = await scene.backup();
    writing = false;
    await writer;
    expect(run.fault).toBeUndefined();
    const manifest = run.value?.manifest;
    if (!manifest) throw new Error("no manifest");
    expect(manifest).toMatchObject({ method: "clone", lockHeldMs: 0, streams: 2, physical: { pageSize: 16384, dataFilePath: "ibdata1:12M:autoextend" } });
    expect(manifest.artifacts.map(({ name }) => name)).toEqual(["700-files-00001.tar.zst.gpg", "700-files-00002.tar.zst.gpg"]);
    expect(manifest.artifacts.reduce((sum, { files = 0 }) => sum + files, 0)).toBe(manifest.physical?.files);
    // Every insert is one transaction: rows and GTIDs must tell the same story.
    const customers = manifest.inventory.schemas.find(({ name }) => name === "shop")?.tables.find(({ name }) => name === "customers")?.rows ?? 0;
    const total = Number(await scene.value("SELECT COUNT(*) FROM shop.customers"));
    expect(customers).toBeGreaterThan(50);
    expect(customers).toBeLessThan(total);
    const after = await scene.value(`SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, '${manifest.coordinate?.gtidSet}')`);
    const [, from, to = from] = /:(\d+)(?:-(\d+))?$/.exec(after.trim()) ?? [];
    expect(Number(to) - Number(from) + 1).toBe(total - customers);
    expect(manifest.inventory.accounts.map(({ name }) => name).filter((name) => name.includes("sandbox"))).toEqual([]);
    expect(clonesLeft(scene)).toEqual([]);
    expect(readdirSync(scene.live.host.folders.spool)).toEqual([]);
    const stored = join(scene.live.destination("one"), "db", "full", manifest.id);
    const proof = await scene.verify(manifest.id);
    expect(proof.fault).toBeUndefined();
    expect(proof.value?.verification).toMatchObject({ level: "proven", restoreTest: { differences: [], compared: { tables: 3, objects: 5, accounts: 1 } } });
    expect(clonesLeft(scene)).toEqual([]);
    for (const { name } of manifest.artifacts) expect(readFileSync(join(stored, name)).includes("never-to-be-read-outside")).toBe(false);
  });
});
