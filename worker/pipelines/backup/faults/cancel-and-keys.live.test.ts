import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Connection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunEvent } from "#lib/contract/events.ts";
import { systemClock } from "#lib/platform/clock.ts";
import { Secret } from "#lib/platform/secret.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import { openKeyring } from "#worker/keyring/keyring.ts";
import { loadableArtifacts } from "#worker/pipelines/catalog/loadable-artifacts.ts";
import { readSetAnywhere } from "#worker/pipelines/catalog/read-set.ts";
import { type FaultScene, findingCodes, makeScene } from "#worker/testing/fault-scene.ts";

const DAY = 24 * 3600 * 1000;

describe("a backup cancelled at any moment", () => {
  let scene: FaultScene;
  let blocker: Connection;

  beforeAll(async () => {
    scene = await makeScene({ bulk: 4, policy: { parallel: 2, fingerprints: "always", lockTimeoutSeconds: 60 } });
    blocker = await connect({ name: "db", socket: scene.server.socket, user: scene.server.user, password: new Secret(scene.server.password) });
  });
  afterAll(async () => {
    blocker?.destroy();
    await scene?.close();
  });

  const moments: [string, (event: RunEvent) => boolean][] = [
    ["before anything", ({ body }) => body.type === "run-started"],
    ...["preflight", "dump", "store", "commit"].map((stage): [string, (event: RunEvent) => boolean] => [`as ${stage} begins`, ({ body }) => body.type === "stage-started" && body.stage === stage]),
    ["when the objects are known", ({ body }) => body.type === "log" && /tables/.test(body.text)],
    ["with the dump programs at their gates", ({ body }) => body.type === "log" && body.text.endsWith("stand ready")],
    ["with rows on their way", ({ body }) => body.type === "progress" && body.progress.stage === "dump"],
    ["with the snapshot standing", ({ body }) => body.type === "log" && body.text.startsWith("snapshot at")],
    ["with bytes on their way to the destinations", ({ body }) => body.type === "progress" && body.progress.stage === "store"],
  ];
  it.each(moments.flatMap(([what, when]) => [[what, when, 0], [what, when, 15]] as const))("%s: CANCELLED, nothing left, locks released", async (_what, when, later) => {
    const stop = new AbortController();
    const run = await scene.backup({
      signal: stop.signal,
      onEvent(event) {
        if (when(event)) setTimeout(() => stop.abort(), later);
      },
    });
    // Past the commit's last step the set is real, and says so.
    if (run.outcome === "completed") return expect(run.value?.copies.some(({ state }) => state === "intact")).toBe(true);
    expect(run).toMatchObject({ outcome: "cancelled", fault: { code: "CANCELLED" } });
    await scene.nothingLeft(run.runId);
  });

  it("while it waits for the lock: at once, and no writer waits behind it any more", async () => {
    await blocker.query("LOCK TABLES shop.customers WRITE");
    const stop = new AbortController();
    let asked = 0;
    const run = await scene.backup({
      signal: stop.signal,
      onEvent({ body }) {
        if (body.type === "log" && /tables/.test(body.text)) setTimeout(() => {
          asked = performance.now();
          stop.abort();
        }, 1000);
      },
    });
    expect(run.outcome).toBe("cancelled");
    expect(performance.now() - asked).toBeLessThan(3000);
    await scene.sql("SET SESSION lock_wait_timeout = 2", "INSERT INTO shop.bulk (content) VALUES ('free again')");
    await blocker.query("UNLOCK TABLES");
    await scene.nothingLeft(run.runId);
    expect((await scene.backup()).fault).toBeUndefined();
  });
});

describe("keys", () => {
  let scene: FaultScene;
  let now = () => Date.now();

  beforeAll(async () => {
    scene = await makeScene({ policy: { parallel: 1 }, clock: { ...systemClock, now: () => now() } });
  });
  afterAll(() => scene?.close());

  const withKey = (armored: string, passphraseFile?: string): FaultScene["live"]["host"] => {
    const { host } = scene.live;
    const keys = [{ name: "operations", purpose: "operations" as const, key: { armored } }];
    const config = { ...host.config, keys, keyring: { ...host.config.keyring, ...(passphraseFile ? { home: join(scene.live.folder, "locked"), passphraseFile } : {}) } };
    return { ...host, config, settings: { ...host.settings, keys } };
  };

  it("an expired key: KEY_UNUSABLE before the server is touched; thirty days before, a warning", async () => {
    const armored = await scene.live.keyring.exportPublic(await scene.live.keyring.generateKey("Short <short@test.invalid>", new Date(Date.now() + 60 * DAY)));
    expect((await scene.backup({ host: withKey(armored) })).outcome).toBe("completed");
    now = () => Date.now() + 45 * DAY;
    const soon = await scene.backup({ host: withKey(armored) });
    expect(findingCodes(soon)).toContain("KEY_EXPIRING");
    now = () => Date.now() + 61 * DAY;
    const connections = () => scene.value("SELECT VARIABLE_VALUE FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Connections'");
    const before = await connections();
    const run = await scene.backup({ host: withKey(armored) });
    expect(run.fault?.code).toBe("KEY_UNUSABLE");
    expect(await connections()).toBe(before);
    await scene.nothingLeft(run.runId);
    now = () => Date.now();
  });

  it.each(["# \" ' \\ ö %2D\\n", " spaces $(id)`id`;|& "])("a passphrase of any character opens what was sealed: %j", async (passphrase) => {
    const keyring = openKeyring(join(scene.live.folder, "locked"), scene.live.host.tools, new Secret(passphrase));
    const armored = await keyring.exportPublic(await keyring.generateKey(`Locked ${Date.now()} <locked@test.invalid>`, null));
    await keyring.stopAgent();
    const file = join(scene.live.folder, "passphrase");
    writeFileSync(file, passphrase, { mode: 0o600 });
    const host = withKey(armored, file);
    const backup = await scene.backup({ host });
    expect(backup.fault).toBeUndefined();
    const set = await readSetAnywhere(host, openDestinations(host, ["one"]), "db", backup.runId);
    const [first] = await loadableArtifacts(host, set, new AbortController().signal);
    const chunks: Buffer[] = [];
    for await (const chunk of (await first?.open()) ?? []) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).length).toBe(first?.bytes);
    writeFileSync(file, `${passphrase}x`, { mode: 0o600 });
    await keyring.stopAgent();
    const [locked] = await loadableArtifacts(host, set, new AbortController().signal);
    await expect((async () => { for await (const chunk of (await locked?.open()) ?? []) void chunk; })()).rejects.toMatchObject({ code: expect.stringMatching(/KEY_MISSING|UNSEAL_FAILED/) });
    await keyring.stopAgent();
  });
});
