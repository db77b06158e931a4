import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { DesiredState } from "#lib/contract/config/desired-state.ts";
import type { SetSummary } from "#lib/contract/events.ts";
import { CHANNELS } from "#lib/contract/pairing.ts";
import { checkAnswer, makeHello, newPairingCode } from "#lib/platform/pairing.ts";
import { newBoxKeyPair, openSealed } from "#lib/platform/sealed-secret.ts";
import { newSigningKey } from "#lib/platform/signing.ts";
import { verifyAudit } from "#lib/store/audit/verify-audit.ts";
import { recordSet } from "#lib/store/backup/record-set.ts";
import { acceptPairing } from "./host/accept-pairing.ts";
import { listPending } from "./host/list-pending.ts";
import { probeDestination } from "./settings/probe-destination.ts";
import { readSettings } from "./settings/read-settings.ts";
import { saveDestination } from "./settings/save-destination.ts";
import { saveKey } from "./settings/save-key.ts";
import { savePolicy } from "./settings/save-policy.ts";
import { saveSchedule } from "./settings/save-schedule.ts";
import { saveServer } from "./settings/save-server.ts";
import { openTestConsole, pairTestHost, type TestConsole, type TestHost } from "./testing/console.ts";

let console_: TestConsole;
let host: TestHost;
beforeAll(async () => {
  console_ = await openTestConsole(inject("services"), 12);
  host = await pairTestHost(console_, "db-host-1");
  await pairTestHost(console_, "db-host-2");
});
afterAll(() => console_.close());

const PASSWORD = "pà'ss\"w0rd\\ \n%s";
const server = { name: "gestionelogistica", user: "backup", socket: "/run/mysqld/mysqld.sock" };
const summary = (setId: string, schemas: string[]): SetSummary => {
  const at = `${setId.slice(0, 4)}-${setId.slice(4, 6)}-${setId.slice(6, 11)}:00:00Z`;
  return { setId, server: server.name, policy: "daily", host: "db-host-1", kind: "full", method: "dump", flavor: "mysql", serverVersion: "8.4.6", startedAt: at, snapshotAt: at, finishedAt: at, coordinate: null, plainBytes: 1, sealedBytes: 1, artifacts: 1, schemas, tables: 1, rows: 1, recipients: [], lockHeldMs: 1, manifestSha256: "" };
};

describe("pairing", () => {
  const keys = async () => ({ signing: newSigningKey(), box: await newBoxKeyPair() });

  test("a worker that shows the code is trusted, and can trust the console", async () => {
    const { signing, box } = await keys();
    const code = newPairingCode();
    const hello = makeHello({ host: "db-host-9", hostname: "db9.example.org", signingKey: signing.publicKey, boxKey: box.publicKey, now: Date.now() }, code);
    await console_.redis.hset(CHANNELS.pairing, hello.host, JSON.stringify(hello));
    await console_.redis.hset(CHANNELS.pairing, "rubbish", "{not json");
    expect(await listPending(console_.as("dba"))).toEqual([{ host: "db-host-9", hostname: "db9.example.org", fingerprint: hello.fingerprint, at: hello.at, replaces: false }]);
    const typed = code.toLowerCase().replaceAll("-", " ");
    await expect(acceptPairing(console_.as("sysadmin"), { host: "db-host-9", fingerprint: hello.fingerprint, code: typed })).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(await acceptPairing(console_.as("dba"), { host: "db-host-9", fingerprint: hello.fingerprint, code: typed })).toMatchObject({ name: "db-host-9", state: "unknown" });
    const answer = JSON.parse((await console_.redis.get(CHANNELS.pairingAnswer + hello.fingerprint)) ?? "null");
    expect(checkAnswer(answer, code, "db-host-9").consoleKey).toBe(console_.services.queue.consoleKey);
    expect(await listPending(console_.as("dba"))).toEqual([]);
    await console_.redis.hset(CHANNELS.pairing, hello.host, JSON.stringify(hello));
    expect(await listPending(console_.as("dba"))).toEqual([]);
    const again = makeHello({ ...hello, now: Date.now() + 1000 }, newPairingCode());
    await console_.redis.hset(CHANNELS.pairing, hello.host, JSON.stringify(again));
    expect(await listPending(console_.as("dba"))).toHaveLength(1);
    await console_.redis.hdel(CHANNELS.pairing, hello.host);
  });

  test("a wrong code or exchanged keys are refused and on record", async () => {
    const { signing, box } = await keys();
    const hello = makeHello({ host: "db-host-8", hostname: "x", signingKey: signing.publicKey, boxKey: box.publicKey, now: Date.now() }, newPairingCode());
    await console_.redis.hset(CHANNELS.pairing, hello.host, JSON.stringify(hello));
    const accept = (code: string) => acceptPairing(console_.as("dba"), { host: "db-host-8", fingerprint: hello.fingerprint, code });
    await expect(accept(newPairingCode())).rejects.toMatchObject({ code: "PAIRING_REFUSED" });
    await console_.redis.hset(CHANNELS.pairing, hello.host, JSON.stringify({ ...hello, boxKey: (await keys()).box.publicKey }));
    await expect(accept(newPairingCode())).rejects.toMatchObject({ code: "PAIRING_REFUSED" });
    expect(await console_.services.db.host.count({ where: { name: "db-host-8" } })).toBe(0);
    expect(await console_.services.db.auditEntry.count({ where: { action: "host.pair", subject: "db-host-8", outcome: "refused" } })).toBe(2);
  });
});

describe("settings", () => {
  test("reach the host whole, signed, with secrets only its key opens", async () => {
    const states: DesiredState[] = [];
    const worker = await host.serve("control", (_name, payload) => {
      states.push(payload.state as DesiredState);
      return { revision: (payload.state as DesiredState).revision };
    });
    const dba = console_.as("dba");
    await saveServer(dba, { host: "db-host-1", config: server, password: PASSWORD });
    await saveDestination(dba, { host: "db-host-1", config: { kind: "local", name: "local", root: "/srv/backup" } });
    await saveDestination(dba, { host: "db-host-1", config: { kind: "s3", name: "offsite", bucket: "backups", accessKeyId: "AK" }, secretKey: "s3-secret" });
    await saveKey(dba, { host: "db-host-1", config: { name: "operations", purpose: "operations", key: { file: "/etc/salvagente/operations.asc" } } });
    await savePolicy(dba, { config: { name: "daily", server: "gestionelogistica", destinations: ["local", "offsite"], recipients: ["operations"] } });
    const pushed = await saveSchedule(console_.as("sysadmin"), { config: { name: "night", policy: "daily", cron: "0 2 * * *" } });
    expect(pushed).toEqual({ revision: 6, sent: true, fault: null });
    await expect.poll(() => states.at(-1)?.revision, { timeout: 5000 }).toBe(6);
    const last = states.at(-1);
    expect(last).toMatchObject({ servers: [{ name: "gestionelogistica" }], destinations: [{ name: "local" }, { name: "offsite" }], policies: [{ name: "daily" }], schedules: [{ name: "night" }], keys: [{ name: "operations" }] });
    const password = last?.servers[0]?.password;
    if (!password || !("sealed" in password)) throw new Error("not sealed");
    expect((await openSealed(host.box, password.sealed)).reveal()).toBe(PASSWORD);
    await worker.stop();
  });

  test("no typed secret stands anywhere in the database or the queue", async () => {
    const [{ dump } = { dump: "" }] = await console_.fresh.sql(`SELECT string_agg(t::text, '|') AS dump FROM (SELECT row_to_json(a)::text AS t FROM "AuditEntry" a UNION ALL SELECT row_to_json(s)::text FROM "Server" s UNION ALL SELECT row_to_json(d)::text FROM "Destination" d) x`);
    expect(String(dump)).toContain("sealed");
    expect(String(dump)).not.toMatch(/s3-secret|w0rd/);
    for (const key of await console_.redis.keys("bull:*")) {
      if ((await console_.redis.type(key)) === "hash") expect(JSON.stringify(await console_.redis.hgetall(key))).not.toMatch(/s3-secret|w0rd/);
    }
  });

  test("a change without a new password keeps the old one", async () => {
    const before = await console_.services.db.server.findUniqueOrThrow({ where: { name: "gestionelogistica" } });
    await saveServer(console_.as("dba"), { host: "db-host-1", config: { ...server, label: "Logistica" } });
    const after = await console_.services.db.server.findUniqueOrThrow({ where: { name: "gestionelogistica" } });
    expect(after.config).toMatchObject({ label: "Logistica", password: (before.config as { password: object }).password });
    expect((await readSettings(console_.as("sysadmin"))).schedules[0]?.nextFires).toHaveLength(5);
  });

  test.each([
    ["a server without a password", () => saveServer(console_.as("dba"), { host: "db-host-1", config: { ...server, name: "other" } }), { code: "INPUT_INVALID", params: { fields: "password" } }],
    ["a name of another host", () => saveServer(console_.as("dba"), { host: "db-host-2", config: server, password: "x" }), { code: "NAME_TAKEN" }],
    ["a policy with an unknown destination", () => savePolicy(console_.as("dba"), { config: { name: "bad", server: "gestionelogistica", destinations: ["nowhere"], recipients: ["operations"] } }), { code: "INPUT_INVALID", params: { fields: "destinations" } }],
    ["a cron that is none", () => saveSchedule(console_.as("dba"), { config: { name: "bad", policy: "daily", cron: "61 2 * * *" } }), { code: "INPUT_INVALID", params: { fields: "config.cron" } }],
    ["a zone that is none", () => saveSchedule(console_.as("dba"), { config: { name: "bad", policy: "daily", cron: "1 2 * * *", timeZone: "Mars/Olympus" } }), { code: "INPUT_INVALID", params: { fields: "config.timeZone" } }],
    ["an incremental of a policy that archives nothing", () => saveSchedule(console_.as("dba"), { config: { name: "bad", policy: "daily", kind: "incremental", cron: "0 */4 * * *" } }), { code: "INPUT_INVALID", params: { fields: "kind" } }],
    ["a grace of more than a week", () => saveSchedule(console_.as("dba"), { config: { name: "bad", policy: "daily", cron: "0 2 * * *", graceMinutes: 10_081 } }), { code: "INPUT_INVALID", params: { fields: "config.graceMinutes" } }],
    ["a private key", () => saveKey(console_.as("dba"), { host: "db-host-1", config: { name: "bad", purpose: "escrow", key: { armored: "-----BEGIN PGP PRIVATE KEY BLOCK-----" } } }), { code: "INPUT_INVALID" }],
    ["a host that is not paired", () => saveDestination(console_.as("dba"), { host: "nowhere", config: { kind: "local", name: "bad", root: "/x" } }), { code: "NOT_FOUND" }],
    ["a sysadmin who changes servers", () => saveServer(console_.as("sysadmin"), { host: "db-host-1", config: server }), { code: "FORBIDDEN" }],
    ["a developer who reads settings", () => readSettings(console_.as("developer")), { code: "FORBIDDEN" }],
  ])("refused, nothing written: %s", async (_what, attempt, fault) => {
    const revision = async () => (await console_.services.db.host.findUniqueOrThrow({ where: { name: "db-host-1" } })).wantedRevision;
    const before = await revision();
    await expect(attempt()).rejects.toMatchObject(fault);
    expect(await revision()).toBe(before);
  });

  test("an own check says which schema its names mean, unless every policy of its server backs up only one", async () => {
    const dba = console_.as("dba");
    const asks = (sql: string, schema?: string) => saveServer(dba, { host: "db-host-1", config: { ...server, assertions: [{ name: "rows", sql, expect: "> 0", ...(schema ? { schema } : {}) }] } });
    const policy = (schemas?: string[]) => savePolicy(dba, { config: { name: "daily", server: "gestionelogistica", destinations: ["local"], recipients: ["operations"], ...(schemas ? { schemas } : {}) } });
    const bare = "SELECT COUNT(*) FROM viaggi";
    await expect(asks(bare)).rejects.toMatchObject({ code: "ASSERTION_SCHEMA_UNKNOWN", params: { assertion: "rows", server: "gestionelogistica" } });
    await expect(asks(bare, "gestionelogistica")).resolves.toBeDefined();
    await expect(asks("SELECT COUNT(*) FROM gestionelogistica.viaggi")).resolves.toBeDefined();
    await policy(["gestionelogistica"]);
    await expect(asks(bare)).resolves.toBeDefined();
    await expect(policy(["gestionelogistica", "archivio"])).rejects.toMatchObject({ code: "ASSERTION_SCHEMA_MISSING", params: { assertion: "rows", schemas: "gestionelogistica, archivio" } });
    await expect(policy()).rejects.toMatchObject({ code: "ASSERTION_SCHEMA_UNKNOWN" });
    await recordSet(console_.services.db, summary("20261125T010000Z-0000a1", ["gestionelogistica"]));
    await policy();
    await recordSet(console_.services.db, summary("20261125T020000Z-0000a2", ["gestionelogistica", "archivio"]));
    await expect(asks(bare)).rejects.toMatchObject({ code: "ASSERTION_SCHEMA_MISSING" });
    await expect(asks(bare, "archivio")).resolves.toBeDefined();
    await console_.services.db.backupSet.deleteMany();
  });

  test("a probe keeps the space it measured; a silent host is said at once", async () => {
    await expect(probeDestination(console_.as("sysadmin"), { destination: "local" })).rejects.toMatchObject({ code: "HOST_SILENT" });
    await host.beat();
    const worker = await host.serve("control", () => ({ steps: [{ step: "write", ok: true, ms: 3 }], space: { totalBytes: 1000, freeBytes: 400 } }));
    expect(await probeDestination(console_.as("sysadmin"), { destination: "local" })).toMatchObject({ steps: [{ step: "write", ok: true }], space: { freeBytes: 400 } });
    expect((await readSettings(console_.as("dba"))).destinations[0]?.lastProbe?.space).toEqual({ totalBytes: 1000, freeBytes: 400 });
    await worker.stop();
  });

  test("the trail is whole", async () => expect((await verifyAudit(console_.services.db)).ok).toBe(true));
});
