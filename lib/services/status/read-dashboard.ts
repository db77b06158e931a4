import { z } from "zod";
import { scheduleConfig } from "#lib/contract/config/desired-state.ts";
import { policyConfig } from "#lib/contract/config/policy.ts";
import { heartbeat } from "#lib/contract/pairing.ts";
import type { Dashboard, NextFire, ServerProtection } from "#lib/contract/views/status.ts";
import { isAllowed } from "#lib/domain/access/permissions.ts";
import { hasDifferentials } from "#lib/domain/backup/choose-base.ts";
import { answeredFor, judgeAll, judgeServer } from "#lib/domain/objective/protection.ts";
import { workerState } from "#lib/domain/objective/worker-state.ts";
import { lastDays } from "#lib/domain/schedule/last-days.ts";
import { nextFires } from "#lib/domain/schedule/next-fires.ts";
import { zoneName } from "#lib/domain/schedule/zone.ts";
import { readServerSets, setFacts } from "#lib/store/backup/server-facts.ts";
import type { Host, Server } from "#lib/store/generated/client.ts";
import { countRunsByState, countRunsPerDay } from "#lib/store/run/count-runs.ts";
import { findLostSwaps } from "#lib/store/run/find-lost-swaps.ts";
import { findMissed } from "#lib/store/run/find-missed.ts";
import { runRow } from "#lib/store/run/run-row.ts";
import { visibleTo } from "#lib/store/visibility.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { listPending } from "../host/list-pending.ts";
import { permit } from "../permit.ts";
import { readServices } from "./read-services.ts";
import { readSpace } from "./read-space.ts";

/** What was missed or cut off longer ago is no news. */
const NEWS_MS = 7 * 24 * 3_600_000;

export const readDashboardInput = z.object({ timeZone: zoneName.default("Europe/Rome") });

/** State of protection, proofs, space, services, what runs now, what comes next; only what the reader's role may see. */
export async function readDashboard(context: ServiceContext, input: z.input<typeof readDashboardInput> = {}): Promise<Dashboard> {
  await permit(context, "status.view");
  const { timeZone } = parseInput(readDashboardInput, input);
  const { db, clock, actor } = context;
  const now = clock.now();
  const seen = visibleTo(actor.role);
  const days = lastDays(now, timeZone, 30);
  const [servers, hosts, active, recent, perDay, byState, destinations, services, pending, lostSwaps] = await Promise.all([
    db.server.findMany({ where: seen, orderBy: { name: "asc" }, include: { policies: { include: { schedules: true } } } }),
    db.host.findMany({ orderBy: { name: "asc" } }),
    db.run.findMany({ where: { ...seen, state: { in: ["queued", "running", "waiting", "unknown"] } }, orderBy: { queuedAt: "desc" }, take: 20 }),
    db.run.findMany({ where: seen, orderBy: [{ queuedAt: "desc" }, { id: "desc" }], take: 8 }),
    countRunsPerDay(db, actor.role, days.names, days.since, timeZone),
    countRunsByState(db, actor.role),
    readSpace(context),
    readServices(context),
    isAllowed(actor.role, "host.pair") ? listPending(context).catch(() => []) : [],
    findLostSwaps(db, actor.role, now - NEWS_MS),
  ]);
  const judged = await Promise.all(servers.map((server) => judge(context, server, hosts)));
  const counted = answeredFor(judged);
  const policies = servers.flatMap((server) => server.policies.map((policy) => ({ config: policyConfig.parse(policy.config), schedules: policy.schedules })));
  return {
    at: new Date(now).toISOString(),
    ...judgeAll(counted),
    servers: judged,
    lastSet: newest(counted.map((server) => server.lastSet)),
    lastProven: newest(counted.map((server) => server.lastProven)),
    restoreSeconds: newest(counted.map((server) => server.lastProven))?.restoreSeconds ?? null,
    destinations,
    services,
    heartbeats: hosts.flatMap((host) => heartbeat.safeParse(host.heartbeat).data ?? []),
    activeRuns: active.map(runRow),
    recentRuns: recent.map(runRow),
    days: perDay,
    byState,
    nextFires: policies.flatMap(({ config, schedules }) => schedules.flatMap((row) => fires(scheduleConfig.parse(row.config), config.server, now))).sort((a, b) => a.at.localeCompare(b.at)).slice(0, 8),
    policies: policies.map(({ config }) => ({ name: config.name, label: config.label ?? config.name, server: config.server, archive: config.archive, differentials: hasDifferentials(config) })),
    pendingHosts: pending.length,
    lostSwaps,
  };
}

async function judge(context: ServiceContext, server: Server & { policies: { schedules: { config: unknown }[] }[] }, hosts: readonly Host[]): Promise<ServerProtection> {
  const now = context.clock.now();
  const [sets, missed] = await Promise.all([readServerSets(context.db, server.name), findMissed(context.db, server.name, now - NEWS_MS)]);
  const host = hosts.find((candidate) => candidate.name === server.hostName);
  const beat = heartbeat.safeParse(host?.heartbeat).data;
  const verdict = judgeServer(
    {
      server: server.name,
      policies: server.policies.length,
      schedules: server.policies.flatMap((policy) => policy.schedules).filter((row) => scheduleConfig.parse(row.config).enabled).length,
      newest: setFacts(sets.newest),
      newestGood: setFacts(sets.newestGood),
      newestProven: setFacts(sets.newestProven),
      lastRunFault: sets.lastRunFault,
      missed,
      worker: workerState(host?.heartbeatAt?.getTime() ?? null, now),
      serverOk: beat?.servers.find((entry) => entry.name === server.name)?.ok ?? null,
    },
    now,
  );
  return { server: server.name, environment: server.environment, host: server.hostName, ...verdict, lastSet: sets.newest, lastProven: sets.newestProven };
}

function fires(schedule: z.output<typeof scheduleConfig>, server: string, now: number): NextFire[] {
  if (!schedule.enabled) return [];
  return nextFires(schedule.cron, schedule.timeZone, now, 3).map((at) => ({ schedule: schedule.name, kind: schedule.kind, policy: schedule.policy, server, at, timeZone: schedule.timeZone }));
}

function newest<T extends { snapshotAt: string }>(sets: readonly (T | null)[]): T | null {
  return sets.reduce<T | null>((best, set) => (set && (!best || set.snapshotAt > best.snapshotAt) ? set : best), null);
}
