import { Queue } from "bullmq";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { failureMessage } from "#lib/contract/jobs/failure.ts";
import { CHANNELS } from "#lib/contract/pairing.ts";
import { createLog } from "#lib/platform/log.ts";
import { openReturnedJobs, type ReturnedJobs } from "#lib/queue/returned-jobs.ts";
import { recordEvents } from "#lib/store/run/record-events.ts";
import { runBackup } from "#lib/services/run/run-backup.ts";
import { saveDestination } from "#lib/services/settings/save-destination.ts";
import { furnish, openTestConsole, pairTestHost, type TestConsole, type TestHost } from "#lib/services/testing/console.ts";
import { measureOnce } from "./measure-space.ts";
import type { LoopSetting } from "./setting.ts";
import { takeResults } from "./take-results.ts";
import { watchOnce } from "./watch-heartbeats.ts";

let console_: TestConsole;
let host: TestHost;
let jobs: ReturnedJobs;
let setting: LoopSetting;
const stop = new AbortController();
const MINUTE = 60_000;

beforeAll(async () => {
  console_ = await openTestConsole(inject("services"), 14);
  host = await pairTestHost(console_, "db-host-1");
  await furnish(console_, "db-host-1", "gestionelogistica", "production");
  const { db, queue, clock } = console_.services;
  setting = { db, queue, clock, consumer: console_.redis, log: createLog({ name: "test", level: "silent" }), signal: stop.signal };
  jobs = openReturnedJobs(queue.redis);
});
beforeEach(async () => {
  console_.shift = 0;
  await console_.services.db.run.deleteMany();
});
afterAll(async () => {
  stop.abort();
  await jobs.close();
  await console_.close();
});

const watch = () => watchOnce(setting, jobs, new Map());
const stateOf = async (id: string) => (await console_.services.db.run.findUniqueOrThrow({ where: { id } })).state;

async function startRun(id: string): Promise<void> {
  const at = new Date(console_.services.clock.now()).toISOString();
  await recordEvents(console_.services.db, "db-host-1", id, [{ v: 1, host: "db-host-1", runId: id, seq: 1, at, body: { type: "run-started", kind: "backup-full", trigger: "manual", server: "gestionelogistica", stages: [] } }]);
}

test("a run of a silent worker is unknown after two minutes, interrupted when the worker is back without it, running again at its next word", async () => {
  const id = "20261123T020000Z-00aaaa";
  await host.beat({ activeRun: id });
  await startRun(id);
  await watch();
  expect(await stateOf(id)).toBe("running");
  await console_.redis.flushdb();
  console_.shift = 1.9 * MINUTE;
  await watch();
  expect(await stateOf(id)).toBe("running");
  console_.shift = 2.1 * MINUTE;
  await watch();
  expect(await stateOf(id)).toBe("unknown");
  await host.beat({ activeRun: null });
  await watch();
  expect(await console_.services.db.run.findUniqueOrThrow({ where: { id } })).toMatchObject({ state: "interrupted", faultCode: "INTERRUPTED" });
  await recordEvents(console_.services.db, "db-host-1", id, [{ v: 1, host: "db-host-1", runId: id, seq: 2, at: new Date(console_.services.clock.now()).toISOString(), body: { type: "log", level: "info", text: "still here" } }]);
  expect(await console_.services.db.run.findUniqueOrThrow({ where: { id } })).toMatchObject({ state: "running", faultCode: null, finishedAt: null });
});

test("a quiet run that its worker still works on stays running", async () => {
  const id = "20261123T020000Z-00bbbb";
  await startRun(id);
  console_.shift = 10 * MINUTE;
  await host.beat({ activeRun: id });
  await watch();
  expect(await stateOf(id)).toBe("running");
});

test("a queued run whose job is gone is ended with the reason; one whose job waits is left alone", async () => {
  const { runId } = await runBackup(console_.as("dba"), { policy: "gestionelogistica-daily" });
  console_.shift = 2 * MINUTE;
  await watch();
  expect(await stateOf(runId)).toBe("queued");
  await console_.redis.flushdb();
  await watch();
  expect(await console_.services.db.run.findUniqueOrThrow({ where: { id: runId } })).toMatchObject({ state: "failed", faultCode: "JOB_LOST" });
});

test("a sign of life counts only from its host, and not when an older one is put back", async () => {
  const { db } = console_.services;
  const heard = async () => (await db.host.findUniqueOrThrow({ where: { name: "db-host-1" } })).heldRevision;
  const key = `${CHANNELS.heartbeat}db-host-1`;
  await host.beat({ revision: 1, at: new Date(Date.now() - 1000).toISOString() });
  const older = (await console_.redis.get(key)) ?? "";
  await host.beat({ revision: 2 });
  await watch();
  expect(await heard()).toBe(2);
  await console_.redis.set(key, older);
  await watch();
  expect(await heard()).toBe(2);
  const { heartbeat, ...rest } = JSON.parse(older) as { heartbeat: string };
  await console_.redis.set(key, JSON.stringify({ ...rest, heartbeat: heartbeat.replace('"revision":1', '"revision":9') }));
  await watch();
  await console_.redis.set(key, heartbeat);
  await watch();
  expect(await heard()).toBe(2);
  await console_.redis.flushdb();
});

test("a host with old settings gets them again", async () => {
  await saveDestination(console_.as("dba"), { host: "db-host-1", config: { kind: "local", name: "second", root: "/srv/second" } });
  const { wantedRevision } = await console_.services.db.host.findUniqueOrThrow({ where: { name: "db-host-1" } });
  await console_.redis.flushdb();
  await host.beat({ revision: wantedRevision - 1 });
  await watch();
  const waiting = await new Queue("control-db-host-1", { connection: console_.services.queue.redis }).getJobs(["waiting"]);
  expect(waiting.map((job) => job.name)).toEqual(["apply-state"]);
  await console_.redis.flushdb();
  await host.beat({ revision: wantedRevision, at: new Date(Date.now() + 1000).toISOString() });
  await watch();
  expect(await console_.redis.keys("bull:control-db-host-1:*")).toEqual([]);
  expect((await console_.services.db.host.findUniqueOrThrow({ where: { name: "db-host-1" } })).heldRevision).toBe(wantedRevision);
});

test("a console that was set back counts on from what the host holds", async () => {
  await host.beat({ revision: 400, at: new Date(Date.now() + 3000).toISOString() });
  await watch();
  expect(await saveDestination(console_.as("dba"), { host: "db-host-1", config: { kind: "local", name: "second", root: "/srv/second" } })).toMatchObject({ revision: 401, sent: true });
  await console_.redis.flushdb();
});

test("destinations of living hosts are tried in turn, every ten minutes", async () => {
  const tried: unknown[] = [];
  const worker = await host.serve("control", (_name, payload) => {
    tried.push(payload.destination);
    if (payload.destination === "second") throw new Error("no answer");
    return { steps: [{ step: "write", ok: true, ms: 1 }], space: { totalBytes: 10, freeBytes: 4 } };
  });
  await host.beat({ at: new Date(Date.now() + 5000).toISOString() });
  await watch();
  tried.length = 0;
  for (const _round of [1, 2, 3]) await measureOnce(setting);
  expect(tried.toSorted()).toEqual(["db-host-1-local", "second"]);
  const probes = Object.fromEntries((await console_.services.db.destination.findMany()).map((row) => [row.name, row.lastProbe]));
  expect(probes).toMatchObject({ "db-host-1-local": { space: { freeBytes: 4 } }, second: { space: null, steps: [{ ok: false }] } });
  await worker.stop();
});

test("results that came back while nobody looked are taken in, and the jobs removed", async () => {
  const policy = "gestionelogistica-daily";
  const first = await runBackup(console_.as("dba"), { policy });
  const answers: Record<string, () => unknown> = {
    [first.runId]: () => ({ runId: first.runId, outcome: "completed", seconds: 5, lastSeq: 12 }),
  };
  const worker = await host.serve("run", (_name, payload) => (answers[String(payload.runId)] ?? (() => { throw new Error(failureMessage({ code: "LOCK_TIMEOUT", params: { seconds: 10 }, retryable: true })); }))());
  await expect.poll(() => console_.redis.zcard("bull:host-db-host-1:completed"), { timeout: 5000 }).toBe(1);
  const loop = takeResults(setting);
  await expect.poll(() => stateOf(first.runId), { timeout: 10_000 }).toBe("completed");
  const second = await runBackup(console_.as("dba"), { policy });
  await expect.poll(() => stateOf(second.runId), { timeout: 10_000 }).toBe("failed");
  await expect.poll(() => console_.redis.keys("bull:host-db-host-1:2*"), { timeout: 5000 }).toEqual([]);
  stop.abort();
  await loop;
  await worker.stop();
});
