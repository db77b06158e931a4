import { readConsoleEnvironment } from "#lib/platform/env.ts";
import { systemClock } from "#lib/platform/clock.ts";
import { createLog } from "#lib/platform/log.ts";
import { consumerConnection } from "#lib/queue/redis-connection.ts";
import { openServices } from "#lib/services/open-services.ts";
import { measureSpace } from "./loops/measure-space.ts";
import { recordRuns } from "./loops/record-runs.ts";
import type { LoopSetting } from "./loops/setting.ts";
import { takeResults } from "./loops/take-results.ts";
import { watchHeartbeats } from "./loops/watch-heartbeats.ts";
import { watchSchedules } from "./loops/watch-schedules.ts";

/** Beside the console: records what workers do. SIGTERM or SIGINT ends it after the steps in hand; it may be killed at any time. */
const environment = readConsoleEnvironment();
const log = createLog({ name: "controller", level: environment.LOG_LEVEL });
const services = await openServices(environment);
const consumer = consumerConnection(environment.REDIS_URL);
const stop = new AbortController();
for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => stop.abort());

const setting: LoopSetting = { db: services.db, queue: services.queue, consumer, clock: systemClock, log, signal: stop.signal };
log.info("controller started");
await Promise.all([recordRuns(setting), takeResults(setting), watchHeartbeats(setting), watchSchedules(setting), measureSpace(setting)]);
consumer.disconnect();
await services.close();
log.info("controller stopped");
