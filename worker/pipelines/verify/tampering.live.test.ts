import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { SignedManifest } from "#lib/contract/manifest/manifest.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import { loadIdentity } from "#worker/host/identity.ts";
import { signManifest, signVerification } from "#worker/host/sign-document.ts";
import { indexDestination } from "#worker/pipelines/catalog/index-destination.ts";
import { type FaultScene, makeScene } from "#worker/testing/fault-scene.ts";
import { type StoredFiles, storedFiles } from "#worker/testing/stored-set.ts";

/** Copies damaged and documents forged at the storage: which copy and which artifact, and never anything green that is not. */
describe("a storage that cannot be trusted", () => {
  let scene: FaultScene;
  let setId = "";
  let otherId = "";
  let files: StoredFiles;
  let artifact = "";
  let another = "";

  beforeAll(async () => {
    scene = await makeScene({ policy: { parallel: 2 } });
    const [first, second] = [await scene.backup(), await scene.backup()];
    expect([first.fault, second.fault]).toEqual([undefined, undefined]);
    setId = first.value?.manifest.id ?? "";
    otherId = second.value?.manifest.id ?? "";
    files = storedFiles(scene.live, setId);
    const data = files.manifest().artifacts.filter(({ role }) => role === "data");
    artifact = data[0]?.name ?? "";
    another = data[1]?.name ?? files.manifest().artifacts[0]?.name ?? "";
  });
  afterEach(() => files.putBack());
  afterAll(() => scene?.close());

  const flip = (path: string): void => {
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 4;
    writeFileSync(path, bytes);
  };
  const indexed = async () => {
    const [destination] = openDestinations(scene.live.host, ["one"]);
    if (!destination) throw new Error("no destination");
    const { sets, problems } = await indexDestination(scene.live.host, destination);
    return { set: sets.find(({ summary }) => summary.setId === setId), problems };
  };

  it.each([
    ["truncated", () => truncateSync(files.path("one", artifact), readFileSync(files.path("one", artifact)).length - 1), "corrupt"],
    ["emptied", () => truncateSync(files.path("one", artifact), 0), "corrupt"],
    ["with one bit turned", () => flip(files.path("one", artifact)), "corrupt"],
    ["longer by a byte", () => writeFileSync(files.path("one", artifact), Buffer.concat([readFileSync(files.path("one", artifact)), Buffer.from("x")])), "corrupt"],
    ["missing", () => rmSync(files.path("one", artifact)), "missing"],
  ])("an artifact %s: that copy, that artifact; the other copy is whole", async (_what, damage, state) => {
    damage();
    const run = await scene.verify(setId, "intact");
    expect(run.outcome).toBe("warning");
    expect(run.value?.verification.copies.map((copy) => [copy.destination, copy.state])).toEqual([["one", state], ["two", "intact"]]);
    expect(run.value?.verification.copies[0]?.problem).toContain(artifact);
    expect(JSON.stringify(run.events.filter(({ body }) => body.type === "finding"))).toContain(artifact);
    expect(files.verification("two").copies[0]?.state).toBe(state);
  });

  it("two artifacts swapped: corrupt", async () => {
    renameSync(files.path("one", artifact), files.path("one", "swap"));
    renameSync(files.path("one", another), files.path("one", artifact));
    renameSync(files.path("one", "swap"), files.path("one", another));
    const run = await scene.verify(setId, "intact");
    expect(run.value?.verification.copies.map(({ state }) => state)).toEqual(["corrupt", "intact"]);
  });

  it("an artifact of another set under this one's name: corrupt", async () => {
    copyFileSync(files.path("one", artifact).replaceAll(setId, otherId), files.path("one", artifact));
    const run = await scene.verify(setId, "intact");
    expect(run.value?.verification.copies.map(({ state }) => state)).toEqual(["corrupt", "intact"]);
  });

  it("both copies damaged: a fault, and the verdict that stood there says so from now on", async () => {
    for (const copy of ["one", "two"] as const) flip(files.path(copy, artifact));
    const run = await scene.verify(setId, "proven");
    expect(run.fault?.code).toBe("COPY_CORRUPT");
    expect(String(run.fault?.params.message)).toMatch(/one: .*two: /);
    expect(run.events.some(({ body }) => body.type === "stage-started" && body.stage === "sandbox")).toBe(false);
    expect(files.verification().level).toBe("refused");
    expect((await indexed()).set?.verification?.level).toBe("refused");
  });

  const signed = (): SignedManifest => JSON.parse(readFileSync(files.path("one", "manifest.json"), "utf8")) as SignedManifest;
  const stranger = async () => loadIdentity(mkdtempSync(join(scene.live.folder, "stranger-")));

  it.each<[string, () => void | Promise<void>, string, string]>([
    ["missing", () => rmSync(files.path("one", "manifest.json")), "missing", "MANIFEST_MISSING"],
    ["changed after it was signed", () => {
      const document = signed();
      const [table] = document.manifest.inventory.schemas.flatMap((schema) => schema.tables);
      if (table) table.rows += 1;
      writeFileSync(files.path("one", "manifest.json"), JSON.stringify(document));
    }, "corrupt", "MANIFEST_INVALID"],
    ["signed by a stranger", async () => writeFileSync(files.path("one", "manifest.json"), signManifest(signed().manifest, (await stranger()).signing)), "corrupt", "MANIFEST_FORGED"],
    ["of another set", () => copyFileSync(files.path("one", "manifest.json").replaceAll(setId, otherId), files.path("one", "manifest.json")), "corrupt", "MANIFEST_INVALID"],
    ["of another server", () => {
      const { manifest } = signed();
      writeFileSync(files.path("one", "manifest.json"), signManifest({ ...manifest, server: { ...manifest.server, name: "other" } }, scene.live.host.identity.signing));
    }, "corrupt", "MANIFEST_INVALID"],
    ["that is no JSON", () => writeFileSync(files.path("one", "manifest.json"), "{"), "corrupt", "MANIFEST_INVALID"],
    ["that is empty", () => writeFileSync(files.path("one", "manifest.json"), ""), "corrupt", "MANIFEST_INVALID"],
  ])("a manifest %s: that copy does not count, and is not listed as a sound set", async (_what, damage, state, code) => {
    await damage();
    const run = await scene.verify(setId, "intact");
    expect(run.value?.verification.copies.map((copy) => [copy.destination, copy.state])).toEqual([["one", state], ["two", "intact"]]);
    expect(run.value?.verification.copies[0]?.problem).toContain(code);
    const { set, problems } = await indexed();
    expect(set).toBeUndefined();
    if (code !== "MANIFEST_MISSING") expect(problems.map((problem) => problem.code)).toContain(code);
  });

  it("a verdict forged in any way turns nothing green", async () => {
    const proven = { ...files.verification(), level: "proven" as const };
    const path = files.path("one", "verification.json");
    const forgeries = [
      JSON.stringify({ ...(JSON.parse(readFileSync(path, "utf8")) as object), verification: proven }),
      signVerification(proven, (await stranger()).signing),
      signVerification({ ...proven, manifestSha256: "0".repeat(64) }, scene.live.host.identity.signing),
      "not even JSON",
    ];
    for (const forgery of forgeries) {
      writeFileSync(path, forgery);
      const { set } = await indexed();
      expect(set).toBeDefined();
      expect(set?.verification).toBeNull();
    }
    const run = await scene.verify(setId, "intact");
    expect(run.value?.verification.level).toBe("intact");
    expect(run.value?.verification.restoreTest).toBeNull();
  });
});
