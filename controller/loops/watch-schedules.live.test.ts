import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import type { RunEventBody } from "#lib/contract/events.ts";
import { fireId } from "#lib/platform/ids.ts";
import { createLog } from "#lib/platform/log.ts";
import { openReturnedJobs, type ReturnedJobs } from "#lib/queue/returned-jobs.ts";
import { readDashboard } from "#lib/services/status/read-dashboard.ts";
import { furnish, openTestConsole, pairTestHost, type TestConsole, type TestHost } from "#lib/services/testing/console.ts";
import { recordEvents } from "#lib/store/run/record-events.ts";
import type { LoopSetting } from "./setting.ts";
import { watchOnce } from "./watch-heartbeats.ts";
import { watchSchedulesOnce } from "./watch-schedules.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const HOST = "db-host-1";
const NIGHT = "gestionelogistica-night";

let console_: TestConsole;
let host: TestHost;
let jobs: ReturnedJobs;
let setting: LoopSetting;
/** The schedule's next fire: two to three hours ahead of the machine's clock, at whatever hour this runs, with no other fire before it. */
let night: number;

beforeAll(async () => {
  console_ = await openTestConsole(inject("services"), 9);
  host = await pairTestHost(console_, HOST);
  await furnish(console_, HOST, "gestionelogistica", "production");
  const { db, queue, clock } = console_.services;
  setting = { db, queue, clock, consumer: console_.redis, log: createLog({ name: "test", level: "silent" }), signal: new AbortController().signal };
  jobs = openReturnedJobs(queue.redis);
  night = (Math.floor(Date.now() / HOUR) + 3) * HOUR;
  await db.schedule.update({ where: { name: NIGHT }, data: { config: { name: NIGHT, policy: "gestionelogistica-daily", cron: `0 ${new Date(night).getUTCHours()} * * *`, timeZone: "UTC", enabled: true } } });
  await watchSchedulesOnce(setting);
});
beforeEach(async () => {
  await console_.services.db.run.deleteMany();
});
afterAll(async () => {
  await jobs.close();
  await console_.close();
});

/** The controller looks at this instant. */
async function lookAt(at: number): Promise<void> {
  console_.shift = at - Date.now();
  await watchSchedulesOnce(setting);
}

const rows = () => console_.services.db.run.findMany({ orderBy: { queuedAt: "asc" } });
const idOf = (at: number): string => fireId(HOST, NIGHT, at);
const iso = (at: number): string => new Date(at).toISOString();

/** What the worker tells of a fire. */
async function tell(due: number, bodies: readonly RunEventBody[], at = due): Promise<void> {
  const started: RunEventBody = { type: "run-started", kind: "backup-full", trigger: "schedule", server: "gestionelogistica", policy: "gestionelogistica-daily", cause: { type: "schedule", schedule: NIGHT, dueAt: iso(due), timeZone: "UTC", late: at !== due }, stages: ["dump"] };
  await recordEvents(console_.services.db, HOST, idOf(due), [started, ...bodies].map((body, index) => ({ v: 1, host: HOST, runId: idOf(due), seq: index + 1, at: iso(at + index), body })));
}
const WELL: RunEventBody = { type: "run-finished", outcome: "completed", seconds: 1 };

test("a fire that its host ran is nothing to speak of", async () => {
  await tell(night, [WELL]);
  await lookAt(night + HOUR);
  expect((await rows()).map(({ state }) => state)).toEqual(["completed"]);
});

test("a fire that no run came for is missed after three minutes, once, whoever looks", async () => {
  await lookAt(night + 2.9 * MINUTE);
  expect(await rows()).toEqual([]);
  console_.shift = night + 3.1 * MINUTE - Date.now();
  await Promise.all([watchSchedulesOnce(setting), watchSchedulesOnce(setting)]);
  await watchSchedulesOnce(setting);
  expect(await rows()).toMatchObject([
    { id: idOf(night), kind: "backup-full", trigger: "schedule", state: "missed", hostName: HOST, serverName: "gestionelogistica", environment: "production", scheduleName: NIGHT, queuedAt: new Date(night), faultCode: "SCHEDULE_MISSED", result: { from: iso(night), to: iso(night), count: 1 } },
  ]);
});

test("a host that stays away has one record that grows; the dashboard tells it, until a later backup goes well", async () => {
  await lookAt(night + HOUR);
  await lookAt(night + DAY + HOUR);
  await lookAt(night + 2 * DAY + HOUR);
  expect(await rows()).toMatchObject([{ id: idOf(night), result: { from: iso(night), to: iso(night + 2 * DAY), count: 3 } }]);
  const missed = async () => (await readDashboard(console_.as("dba"))).reasons.filter(({ code }) => code === "schedule-missed");
  expect(await missed()).toEqual([{ code: "schedule-missed", severity: "warning", server: "gestionelogistica", params: { schedule: NIGHT, count: 3, since: night } }]);
  await tell(night + 3 * DAY, [{ type: "run-finished", outcome: "failed", seconds: 1 }]);
  console_.shift = night + 3 * DAY + HOUR - Date.now();
  expect(await missed()).toHaveLength(1);
  await tell(night + 4 * DAY, [WELL]);
  console_.shift = night + 4 * DAY + HOUR - Date.now();
  expect(await missed()).toEqual([]);
});

test("the worker's own word corrects what was only thought: made up for, or missed as it knows", async () => {
  await lookAt(night + HOUR);
  await tell(night, [{ type: "stage-started", stage: "dump" }], night + 2 * HOUR);
  expect(await rows()).toMatchObject([{ id: idOf(night), state: "running", faultCode: null, finishedAt: null, queuedAt: new Date(night) }]);
  await lookAt(night + 3 * HOUR);
  expect(await rows()).toMatchObject([{ state: "running" }]);

  await console_.services.db.run.deleteMany();
  await lookAt(night + DAY + HOUR);
  const span = { from: iso(night), to: iso(night + DAY), count: 2 };
  await tell(night, [{ type: "run-finished", outcome: "missed", seconds: 0, fault: { code: "SCHEDULE_MISSED", params: { schedule: NIGHT, ...span }, retryable: false }, result: span }], night + DAY + 2 * HOUR);
  await lookAt(night + DAY + 3 * HOUR);
  expect(await rows()).toMatchObject([{ id: idOf(night), state: "missed", finishSeq: 2, result: span }]);
  await lookAt(night + 2 * DAY + HOUR);
  expect((await rows()).map(({ id, state }) => ({ id, state }))).toEqual([{ id: idOf(night), state: "missed" }, { id: idOf(night + 2 * DAY), state: "missed" }]);
});

test("a run that waits for its turn on a living worker is not missed", async () => {
  console_.shift = night + HOUR - Date.now();
  await host.beat({ runs: [{ id: "20261123T020000Z-00aaaa", waits: false }, { id: idOf(night), waits: true }] });
  await watchOnce(setting, jobs, new Map());
  await watchSchedulesOnce(setting);
  expect(await rows()).toEqual([]);
  await lookAt(night + 2 * HOUR);
  expect(await rows()).toMatchObject([{ id: idOf(night), state: "missed" }]);
});

test("neither a paused schedule nor one just changed is asked for its past", async () => {
  const { db } = console_.services;
  const { config } = await db.schedule.findUniqueOrThrow({ where: { name: NIGHT } });
  await db.schedule.update({ where: { name: NIGHT }, data: { config: { ...(config as object), enabled: false } } });
  await lookAt(night + HOUR);
  await db.schedule.update({ where: { name: NIGHT }, data: { config: config as object, updatedAt: new Date(night + 2 * HOUR) } });
  await lookAt(night + 3 * HOUR);
  expect(await rows()).toEqual([]);
  await lookAt(night + DAY + HOUR);
  expect(await rows()).toMatchObject([{ id: idOf(night + DAY) }]);
  await db.schedule.update({ where: { name: NIGHT }, data: { updatedAt: new Date() } });
});
