import { type ChildProcess, spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPostgres, type RunningPostgres } from "#scripts/services/postgres.ts";
import { startRedis, type RunningRedis } from "#scripts/services/redis.ts";
import { temporaryFolder } from "#scripts/services/place.ts";
import type { RunEvent, RunEventBody } from "#lib/contract/events.ts";
import { CHANNELS } from "#lib/contract/pairing.ts";
import { newSigningKey, type SigningKey, signEvent } from "#lib/platform/signing.ts";
import { type FreshDatabase, freshDatabase } from "#lib/store/testing/fresh-database.ts";

/** The real controller process between a real PostgreSQL and a real Redis of its own, which may all be killed. */
const HOST = "db-host-1";
let folder: string;
let postgres: RunningPostgres;
let redisServer: RunningRedis;
let fresh: FreshDatabase;
let redis: Redis;
const key: SigningKey = newSigningKey();
const children = new Set<ChildProcess>();

beforeAll(async () => {
  folder = temporaryFolder("controller");
  [postgres, redisServer] = await Promise.all([startPostgres({ dataDir: join(folder, "pg") }), startRedis({ dataDir: join(folder, "redis") })]);
  fresh = await freshDatabase(postgres.url);
  redis = new Redis(redisServer.url, { maxRetriesPerRequest: null });
  redis.on("error", () => undefined);
  await fresh.db.host.create({ data: { name: HOST, hostname: "db1", signingKey: key.publicKey, boxKey: "b", fingerprint: "f", pairedAt: new Date(), pairedBy: "anna" } });
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  redis?.disconnect();
  await fresh?.db.$disconnect();
  await Promise.allSettled([postgres?.stop(), redisServer?.stop()]);
  if (folder) await rm(folder, { recursive: true, force: true });
});

function startController(): ChildProcess {
  const env = { ...process.env, DATABASE_URL: fresh.url, REDIS_URL: redisServer.url, SALVAGENTE_STATE_DIR: join(folder, "state"), LOG_LEVEL: "error" };
  const child = spawn(process.execPath, ["controller/main.ts"], { env, stdio: ["ignore", "ignore", "inherit"] });
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

async function end(child: ChildProcess, signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
  const gone = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  child.kill(signal);
  return gone;
}

function journal(number: number, lines: number): RunEvent[] {
  const runId = `20261123T020000Z-${number.toString(16).padStart(6, "0")}`;
  const bodies: RunEventBody[] = [
    { type: "run-started", kind: "backup-full", trigger: "schedule", server: "gestionelogistica", policy: "daily", stages: ["dump"] },
    ...Array.from({ length: lines }, (_, line): RunEventBody => ({ type: "log", level: "info", text: `line ${line} of run ${number}` })),
    { type: "run-finished", outcome: "completed", seconds: 9 },
  ];
  return bodies.map((body, index) => ({ v: 1, host: HOST, runId, seq: index + 1, at: new Date(Date.parse("2026-11-23T02:00:00Z") + index * 100).toISOString(), body }));
}

const publish = (event: RunEvent, signer = key) => redis.xadd(CHANNELS.events, "*", "e", JSON.stringify(signEvent(signer, event)));

async function expectRecorded(runs: RunEvent[][]): Promise<void> {
  const ids = runs.map((run) => run[0]?.runId ?? "");
  await expect.poll(() => fresh.db.run.count({ where: { id: { in: ids }, state: "completed" } }).catch(() => -1), { timeout: 60_000, interval: 300 }).toBe(runs.length);
  await expect.poll(() => redis.xlen(CHANNELS.events), { timeout: 30_000 }).toBe(0);
  for (const run of runs) {
    const rows = await fresh.db.runEvent.findMany({ where: { runId: run[0]?.runId ?? "" }, orderBy: { seq: "asc" } });
    expect(rows.map((row) => row.seq)).toEqual(run.map((event) => event.seq));
  }
}

test("killed again and again while events pour in, it loses none and doubles none", async () => {
  const runs = Array.from({ length: 12 }, (_, number) => journal(number + 1, 40));
  const events = runs.flat().sort((a, b) => a.seq - b.seq);
  let pouring = true;
  const pour = (async () => {
    for (const event of events) {
      await publish(event);
      if (Math.random() < 0.1) await publish(event);
      await sleep(8);
    }
    pouring = false;
  })();
  let kills = 0;
  while (pouring || kills < 4) {
    const child = startController();
    await sleep(900 + Math.random() * 900);
    await end(child, "SIGKILL");
    kills += 1;
  }
  await pour;
  const last = startController();
  await expectRecorded(runs);
  // All may have been recorded before the last one was up: only one that works takes this.
  const sign = journal(40, 1);
  for (const event of sign) await publish(event);
  await expectRecorded([...runs, sign]);
  expect(await end(last, "SIGTERM")).toBe(0);
  expect(kills).toBeGreaterThanOrEqual(4);
}, 120_000);

/** Holds the controller inside its transaction: it has taken the events and cannot write them. */
async function holdWrites(): Promise<{ release(): Promise<void> }> {
  const client = new Client({ connectionString: fresh.url });
  await client.connect();
  await client.query('BEGIN; LOCK TABLE "RunEvent" IN ACCESS EXCLUSIVE MODE');
  return { release: async () => void (await client.query("ROLLBACK").finally(() => client.end())) };
}

async function untilWriteHangs(): Promise<void> {
  await expect.poll(() => fresh.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()").then((rows) => rows.length), { timeout: 20_000 }).toBeGreaterThan(0);
}

test("killed after taking events and before writing them: they are taken again", async () => {
  const run = journal(51, 5);
  const held = await holdWrites();
  for (const event of run) await publish(event);
  const first = startController();
  await untilWriteHangs();
  await end(first, "SIGKILL");
  await held.release();
  const second = startController();
  await expectRecorded([run]);
  await end(second, "SIGTERM");
}, 90_000);

test("killed after writing events and before confirming them: they are taken again and change nothing", async () => {
  const run = journal(52, 5);
  const held = await holdWrites();
  for (const event of run) await publish(event);
  const first = startController();
  await untilWriteHangs();
  await redis.call("CLIENT", "PAUSE", "60000", "WRITE");
  await held.release();
  await expect.poll(() => fresh.db.run.count({ where: { id: run[0]?.runId ?? "", state: "completed" } }), { timeout: 20_000 }).toBe(1);
  await end(first, "SIGKILL");
  await redis.call("CLIENT", "UNPAUSE");
  expect(await redis.xlen(CHANNELS.events)).toBe(run.length);
  const second = startController();
  await expectRecorded([run]);
  await end(second, "SIGTERM");
}, 90_000);

test("PostgreSQL away and back: events wait in the stream", async () => {
  const child = startController();
  const runs = [journal(101, 10), journal(102, 10)];
  for (const event of runs.flat().slice(0, 8)) await publish(event);
  await sleep(1500);
  const { port, password } = postgres;
  await postgres.stop();
  for (const event of runs.flat().slice(8)) await publish(event);
  await sleep(1500);
  postgres = await startPostgres({ dataDir: join(folder, "pg"), port, password });
  await expectRecorded(runs);
  expect(child.exitCode).toBeNull();
  await end(child, "SIGTERM");
}, 120_000);

test("Redis away and back: recording goes on by itself", async () => {
  const child = startController();
  const runs = [journal(201, 10), journal(202, 10)];
  for (const event of runs.flat().slice(0, 12)) await publish(event);
  const { port, password } = redisServer;
  await redisServer.stop();
  await sleep(1500);
  redisServer = await startRedis({ dataDir: join(folder, "redis"), port, password });
  for (const event of runs.flat().slice(12)) await publish(event);
  await expectRecorded(runs);
  expect(child.exitCode).toBeNull();
  await end(child, "SIGTERM");
}, 120_000);

test("forged, foreign and broken entries are put aside and hold nothing up", async () => {
  const child = startController();
  const before = await redis.xlen(`${CHANNELS.events}:refused`);
  const [forged] = journal(301, 0);
  if (!forged) throw new Error("no event");
  await publish(forged, newSigningKey());
  await publish({ ...forged, host: "db-host-2" });
  await redis.xadd(CHANNELS.events, "*", "e", "{not json");
  await redis.xadd(CHANNELS.events, "*", "other", "field");
  const honest = journal(302, 2);
  for (const event of honest) await publish(event);
  await expectRecorded([honest]);
  expect(await redis.xlen(`${CHANNELS.events}:refused`)).toBe(before + 4);
  expect(await fresh.db.run.count({ where: { id: forged.runId } })).toBe(0);
  await end(child, "SIGTERM");
}, 60_000);
