import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { nicenessOf } from "#lib/contract/config/niceness.ts";
import type { RunEvent } from "#lib/contract/events.ts";
import { systemClock } from "#lib/platform/clock.ts";
import { StrictS3 } from "#worker/destinations/testing/strict-s3.ts";
import { backupFull } from "#worker/pipelines/backup/index.ts";
import { verifySet } from "#worker/pipelines/verify/index.ts";
import { filesUnder, type FaultScene, findingCodes, makeScene } from "#worker/testing/fault-scene.ts";
import type { LiveHost } from "#worker/testing/live-host.ts";

/** Root may mount; elsewhere the tests of full disks say why they did not run. */
const MAY_MOUNT = process.getuid?.() === 0 && mounts();

describe("disks that fill up and destinations that go away", () => {
  let scene: FaultScene;
  const s3 = new StrictS3({ bucket: "copies" });
  const mounted: string[] = [];

  beforeAll(async () => {
    scene = await makeScene({ bulk: 8, policy: { parallel: 2 } });
    await s3.start();
  });
  afterEach(() => {
    for (const path of mounted.splice(0)) execFileSync("umount", ["-l", path]);
    for (const name of ["one", "two"] as const) rmSync(scene.live.destination(name), { recursive: true, force: true });
  });
  afterAll(async () => {
    await s3.stop();
    await scene?.close();
  });

  const mount = (path: string, bytes: number): void => {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes},mode=0700`, "tmpfs", path]);
    mounted.push(path);
  };
  const onStage = (stage: string, act: () => void) => ({ body }: { body: { type: string; stage?: string } }): void => {
    if (body.type === "stage-started" && body.stage === stage) act();
  };
  const manifests = (): string[] => filesUnder(scene.live.folder).filter((name) => name.endsWith("manifest.json"));

  it.skipIf(!MAY_MOUNT)("spool full in mid-dump (needs root to mount a small file system): DISK_FULL, nothing left, then it works", async () => {
    const { spool } = scene.live.host.folders;
    mount(spool, 64 * 1024 * 1024);
    const run = await scene.backup({ onEvent: onStage("dump", () => execFileSync("mount", ["-o", `remount,size=${2 * 1024 * 1024}`, spool])) });
    expect(run.fault).toMatchObject({ code: "DISK_FULL" });
    expect(String(run.fault?.params.path)).toContain(spool);
    await scene.nothingLeft(run.runId);
    await scene.sql("ANALYZE TABLE shop.bulk", "SET GLOBAL information_schema_stats_expiry = 0");
    execFileSync("mount", ["-o", `remount,size=${256 * 1024}`, spool]);
    expect((await scene.backup()).fault?.code).toBe("DISK_SPACE");
    execFileSync("mount", ["-o", `remount,size=${256 * 1024 * 1024}`, spool]);
    expect((await scene.backup()).fault).toBeUndefined();
  });

  it.skipIf(!MAY_MOUNT)("one destination full (needs root to mount): the other copy is committed, a warning names the full one", async () => {
    mount(scene.live.destination("two"), 1024 * 1024);
    const run = await scene.backup();
    expect(run.outcome).toBe("warning");
    expect(run.events).toContainEqual(expect.objectContaining({ body: expect.objectContaining({ type: "finding", fault: expect.objectContaining({ code: "DESTINATION_FULL", params: expect.objectContaining({ destination: "two" }) }) }) }));
    expect(run.value?.copies.map(({ destination, state }) => [destination, state])).toEqual([["one", "intact"], ["two", "missing"]]);
    expect(manifests().map((name) => name.includes("/one/"))).toEqual([true]);
    expect((await scene.verify(run.runId, "intact")).value?.verification.copies.map(({ state }) => state)).toEqual(["intact", "missing"]);
  });

  /** A file stands where its folder was. */
  const spoil = (path: string): void => {
    rmSync(path, { recursive: true, force: true });
    writeFileSync(path, "no folder");
  };

  it.each(["dump", "store"])("one destination gone when the stage %s begins", async (stage) => {
    const two = scene.live.destination("two");
    const run = await scene.backup({ onEvent: onStage(stage, () => spoil(two)) });
    expect(run.outcome).toBe("warning");
    expect(findingCodes(run).some((code) => code.startsWith("DESTINATION_"))).toBe(true);
    expect(JSON.stringify(run.events)).toContain('"destination":"two"');
    expect(manifests().length).toBe(1);
    expect(run.value?.copies.find(({ destination }) => destination === "one")?.state).toBe("intact");
  });

  it("one destination gone between store and commit: its copy does not count, nowhere", async () => {
    const two = scene.live.destination("two");
    const run = await scene.backup({
      onEvent: onStage("commit", () => {
        renameSync(two, `${two}.away`);
        writeFileSync(two, "no folder");
      }),
    });
    expect(run.outcome).toBe("warning");
    expect(run.value?.copies.map(({ state }) => state)).toEqual(["intact", "missing"]);
    expect(manifests().map((name) => name.includes("/one/"))).toEqual([true]);
    const verdict = filesUnder(scene.live.destination("one")).find((name) => name.endsWith("verification.json")) ?? "";
    const { verification } = JSON.parse(execFileSync("cat", [verdict], { encoding: "utf8" })) as { verification: { copies: { destination: string; state: string }[] } };
    expect(verification.copies.map(({ state }) => state)).toEqual(["intact", "missing"]);
    rmSync(`${two}.away`, { recursive: true, force: true });
  });

  it("a destination open to everybody with files in it is refused", async () => {
    const two = scene.live.destination("two");
    mkdirSync(two, { recursive: true });
    writeFileSync(join(two, "somebody-elses"), "x");
    chmodSync(two, 0o777);
    const run = await scene.backup();
    expect(run.outcome).toBe("warning");
    expect(findingCodes(run)).toContain("DESTINATION_DENIED");
  });

  it("no destination left: NO_COPY_STORED, nothing that looks like a set, each named", async () => {
    const run = await scene.backup({
      onEvent: onStage("store", () => {
        for (const name of ["one", "two"] as const) spoil(scene.live.destination(name));
      }),
    });
    expect(run.outcome).toBe("failed");
    expect(run.fault?.code).toBe("NO_COPY_STORED");
    expect(String(run.fault?.params.message)).toMatch(/one: .*two: /);
    expect(run.events.some(({ body }) => body.type === "set")).toBe(false);
    await scene.nothingLeft(run.runId);
  });

  const withS3 = () => {
    const secret = join(scene.live.folder, "s3-secret");
    writeFileSync(secret, s3.account.secretAccessKey, { mode: 0o600 });
    const { host } = scene.live;
    const destinations = [
      ...host.config.destinations.filter(({ name }) => name === "one"),
      { kind: "s3" as const, name: "two", endpoint: s3.endpoint, region: s3.account.region, bucket: s3.bucketName, prefix: "", forcePathStyle: true, accessKeyId: s3.account.accessKeyId, secretKey: { file: secret }, checksums: "sha256" as const, conditionalWrites: true, findUploads: true, parallelParts: 2, partBytes: 5 * 1024 * 1024 },
    ];
    return { ...host, clock: systemClock, settings: { ...host.settings, destinations } };
  };

  /** Files of 1 MB, one after the other, each at the level that the rule says, in a run whose clock is so many times faster. */
  const adapting = async (host: LiveHost["host"], destination: "one" | "two", clockFactor: number, onEvent: (event: RunEvent) => void = () => undefined) => {
    await scene.sql("SET GLOBAL information_schema_stats_expiry = 0");
    const policies = host.settings.policies.map((policy) => ({ ...policy, destinations: [destination], parallel: 1, rangeMiB: 1, compression: { codec: "zstd" as const, level: "auto" as const }, niceness: { ...nicenessOf(policy), latencyFactor: 0 } }));
    const adapted = { ...host, settings: { ...host.settings, policies } };
    const clock = { ...systemClock, monotonic: () => systemClock.monotonic() * clockFactor };
    const run = await scene.live.run((context) => backupFull({ ...context, clock }, adapted, "all"), { onEvent });
    const levels = run.value?.manifest.artifacts.map(({ level }) => level) ?? [];
    return { run, levels, said: run.events.flatMap(({ body }) => (body.type === "log" && body.text.includes("from here on level") ? [body.text] : [])) };
  };

  it("level auto: files begin at a higher level while the destination stands still, and the set is proven; the fastest is enough for a local disk", async () => {
    // Some fifteen files, of which the first few are late before the last ones begin.
    await scene.sql("INSERT INTO shop.bulk (content) SELECT content FROM shop.bulk", "ANALYZE TABLE shop.bulk");
    const line = Promise.withResolvers<void>();
    s3.plan("PUT", /\.gpg/, { kind: "wait", until: line.promise });
    const host = withS3();
    // A millisecond of this run is a second. The line is there again for the first file at another level, or when nothing more is made.
    const slow = await adapting(host, "two", 1000, ({ body }) => {
      if ((body.type === "log" && body.text.includes("from here on level")) || (body.type === "stage-started" && body.stage === "store")) line.resolve();
    });
    expect(slow.run.value?.copies.map(({ state }) => state)).toEqual(["intact"]);
    expect(slow.said[0]).toBe("two stores more slowly than files are made: from here on level 6");
    expect(slow.levels).toContain(1);
    expect(Math.max(...slow.levels.map((level) => level ?? 0))).toBeGreaterThanOrEqual(6);
    expect(slow.run.value?.manifest.compression).toEqual({ codec: "zstd", level: "auto" });
    const proof = await scene.live.run((context) => verifySet(context, host, { server: "db", setId: slow.run.runId, level: "proven" }));
    expect(proof.value?.verification).toMatchObject({ level: "proven", copies: [{ destination: "one", state: "missing" }, { destination: "two", state: "intact" }] });
    // Whatever this machine does meanwhile: a second of it is a tenth of one.
    const fast = await adapting(scene.live.host, "one", 0.1);
    expect([fast.run.outcome, fast.said, new Set(fast.levels)]).toEqual(["completed", [], new Set([1])]);
  }, 120_000);

  it("S3 refuses in mid-run: the local copy is committed, S3 holds no manifest", async () => {
    s3.requests.length = 0;
    s3.plan("PUT", /\.gpg/, { kind: "refuse", status: 403, code: "AccessDenied" }, 1000);
    const run = await scene.backup({ host: withS3() });
    expect(run.outcome).toBe("warning");
    expect(run.events).toContainEqual(expect.objectContaining({ body: expect.objectContaining({ type: "finding", fault: expect.objectContaining({ code: "DESTINATION_DENIED", params: expect.objectContaining({ destination: "two" }) }) }) }));
    expect(s3.requests.some((line) => line.startsWith("PUT") && line.includes("manifest.json"))).toBe(false);
    expect(existsSync(scene.live.destination("one")) && readdirSync(scene.live.destination("one")).length > 0).toBe(true);
  });
});

function mounts(): boolean {
  const path = `/tmp/sg-mount-${process.pid}`;
  try {
    mkdirSync(path);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=65536", "tmpfs", path], { stdio: "ignore" });
    execFileSync("umount", [path]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}
