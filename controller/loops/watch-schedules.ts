import { type ScheduleConfig, SCHEDULED_RUNS, scheduleConfig } from "#lib/contract/config/desired-state.ts";
import type { RunCause } from "#lib/contract/events.ts";
import { heartbeat } from "#lib/contract/pairing.ts";
import { workerState } from "#lib/domain/objective/worker-state.ts";
import { searchText } from "#lib/domain/run/search-text.ts";
import { missedParams } from "#lib/domain/schedule/local-time.ts";
import { firesBetween } from "#lib/domain/schedule/next-fires.ts";
import { fireId } from "#lib/platform/ids.ts";
import type { Host, Run, Server } from "#lib/store/generated/client.ts";
import { keepGoing } from "./keep-going.ts";
import type { LoopSetting } from "./setting.ts";

/** A fire is given this long until its run is heard of, ms. */
const TOLERANCE_MS = 3 * 60_000;
/** A schedule that was changed is given this long to reach its host, ms. */
const DELIVERY_MS = 2 * 60_000;
/** Fires before the controller knew of firing schedules are none of its business. */
const SINCE = "schedules-watched-since";

/**
 * Compares the fires that were due with the runs that were heard of, and puts on record as missed what no run came for: a dead host cannot say so itself.
 * That is an opinion under the run's own id; the first word of the worker corrects it (fold-event.ts). Two controllers say the same once.
 */
export async function watchSchedules(setting: LoopSetting): Promise<void> {
  await keepGoing(setting, "watch-schedules", 15_000, () => watchSchedulesOnce(setting));
}

/** Exported for the tests: one round over all schedules. */
export async function watchSchedulesOnce(setting: LoopSetting): Promise<void> {
  const { db, clock, queue } = setting;
  // while Redis is away, nothing is heard of anybody
  await queue.ping();
  const now = clock.now();
  const { value } = await db.setting.upsert({ where: { name: SINCE }, create: { name: SINCE, value: now }, update: {} });
  const rows = await db.schedule.findMany({ include: { policy: { include: { server: { include: { host: true } } } } } });
  for (const row of rows) {
    const schedule = scheduleConfig.parse(row.config);
    const { server } = row.policy;
    if (schedule.enabled) await watchOne(setting, { schedule, server, host: server.host, from: Math.max(Number(value), row.updatedAt.getTime() + DELIVERY_MS, server.host.pairedAt.getTime()) }, now);
  }
}

interface Watched {
  readonly schedule: ScheduleConfig;
  readonly server: Server;
  readonly host: Host;
  /** Earlier fires do not count, ms. */
  readonly from: number;
}

async function watchOne({ db, log }: LoopSetting, watched: Watched, now: number): Promise<void> {
  const { schedule, host } = watched;
  const last = await db.run.findFirst({ where: { scheduleName: schedule.name, hostName: host.name }, orderBy: { queuedAt: "desc" } });
  const fires = firesBetween(schedule.cron, schedule.timeZone, Math.max(watched.from, reached(last)), now - TOLERANCE_MS);
  const ids = fires.map((at) => fireId(host.name, schedule.name, at));
  const known = new Set([...waitingAt(host, now), ...(await db.run.findMany({ where: { id: { in: ids } }, select: { id: true } })).map(({ id }) => id)]);
  const missing = fires.filter((_, index) => !known.has(ids[index] ?? ""));
  const [first] = missing;
  if (first === undefined) return;
  const to = new Date(missing.at(-1) ?? first);
  const earlier = last && last.state === "missed" && last.finishSeq === null ? last : null;
  const from = earlier?.queuedAt ?? new Date(first);
  const span = { from: from.toISOString(), to: to.toISOString(), count: missing.length + countOf(earlier) };
  const fault = { code: "SCHEDULE_MISSED", params: missedParams(schedule, { from: from.getTime(), to: to.getTime(), count: span.count }), retryable: false };
  log.warn({ schedule: schedule.name, host: host.name, ...span }, "fires missed");
  if (earlier) await db.run.updateMany({ where: { id: earlier.id, state: "missed", finishSeq: null }, data: { fault, result: span } });
  else await db.run.createMany({ data: [rowOf(watched, from, { fault, faultCode: fault.code, result: span })], skipDuplicates: true });
}

/** Up to where the fires of a schedule are accounted for by the last that was heard of it, ms. */
function reached(last: Run | null): number {
  if (!last) return Number.NEGATIVE_INFINITY;
  const { to } = (last.result ?? {}) as { to?: string };
  return Math.max(last.queuedAt.getTime(), last.state === "missed" && to ? Date.parse(to) : 0);
}

function countOf(run: Run | null): number {
  return run ? (((run.result ?? {}) as { count?: number }).count ?? 1) : 0;
}

/** Runs that the worker says wait for their turn, while it is heard of. */
function waitingAt(host: Host, now: number): string[] {
  if (workerState(host.heartbeatAt?.getTime() ?? null, now) === "down") return [];
  return heartbeat.safeParse(host.heartbeat).data?.runs.map(({ id }) => id) ?? [];
}

function rowOf({ schedule, server, host }: Watched, at: Date, outcome: { fault: object; faultCode: string; result: object }) {
  const cause: RunCause = { type: "schedule", schedule: schedule.name, dueAt: at.toISOString(), timeZone: schedule.timeZone, late: false };
  const run = { id: fireId(host.name, schedule.name, at.getTime()), kind: SCHEDULED_RUNS[schedule.kind], trigger: "schedule", setId: null, requestedBy: null };
  return {
    ...run,
    ...outcome,
    state: "missed",
    hostName: host.name,
    serverName: server.name,
    environment: server.environment,
    policyName: schedule.policy,
    scheduleName: schedule.name,
    cause: { ...cause },
    queuedAt: at,
    finishedAt: at,
    searchText: searchText({ ...run, host: host.name, server: server.name, policy: schedule.policy, faultCode: outcome.faultCode, schedule: schedule.name }),
  };
}
