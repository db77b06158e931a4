import { recipientKey, scheduleConfig } from "#lib/contract/config/desired-state.ts";
import { destinationConfig } from "#lib/contract/config/destination.ts";
import { policyConfig } from "#lib/contract/config/policy.ts";
import { serverConfig } from "#lib/contract/config/server.ts";
import type { ProbeView, Settings } from "#lib/contract/views/settings.ts";
import { nextFires } from "#lib/domain/schedule/next-fires.ts";
import { hostRow } from "#lib/store/host/host-row.ts";
import type { ServiceContext } from "../context.ts";
import { permit } from "../permit.ts";

/** Everything that is configured, by name. Secrets appear only sealed or as a path. */
export async function readSettings(context: ServiceContext): Promise<Settings> {
  await permit(context, "settings.view");
  const { db, clock } = context;
  const byName = { orderBy: { name: "asc" } } as const;
  const [hosts, servers, destinations, policies, schedules, keys] = await Promise.all([
    db.host.findMany(byName),
    db.server.findMany(byName),
    db.destination.findMany(byName),
    db.policy.findMany({ ...byName, include: { server: true } }),
    db.schedule.findMany({ ...byName, include: { policy: { include: { server: true } } } }),
    db.recipientKey.findMany(byName),
  ]);
  return {
    hosts: hosts.map((host) => hostRow(host, clock.now())),
    servers: servers.map((row) => ({ host: row.hostName, config: serverConfig.parse(row.config) })),
    destinations: destinations.map((row) => ({ host: row.hostName, config: destinationConfig.parse(row.config), lastProbe: row.lastProbe as unknown as ProbeView | null })),
    policies: policies.map((row) => ({ host: row.server.hostName, config: policyConfig.parse(row.config) })),
    schedules: schedules.map((row) => {
      const config = scheduleConfig.parse(row.config);
      return { host: row.policy.server.hostName, server: row.policy.serverName, config, nextFires: config.enabled ? nextFires(config.cron, config.timeZone, clock.now(), 5) : [] };
    }),
    keys: keys.map((row) => ({ host: row.hostName, config: recipientKey.parse(row.config) })),
  };
}
