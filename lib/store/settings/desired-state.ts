import { type DesiredState, desiredState } from "#lib/contract/config/desired-state.ts";
import type { Store } from "../open-database.ts";

/** Everything the console decides for a host, from the rows; validated, so a damaged row shows here and not on the host. */
export async function readDesiredState(db: Store, host: string, revision: number): Promise<DesiredState> {
  const byName = { orderBy: { name: "asc" } } as const;
  const [servers, destinations, policies, schedules, keys] = await Promise.all([
    db.server.findMany({ where: { hostName: host }, ...byName }),
    db.destination.findMany({ where: { hostName: host }, ...byName }),
    db.policy.findMany({ where: { server: { hostName: host } }, ...byName }),
    db.schedule.findMany({ where: { policy: { server: { hostName: host } } }, ...byName }),
    db.recipientKey.findMany({ where: { hostName: host }, ...byName }),
  ]);
  const config = (row: { config: unknown }): unknown => row.config;
  return desiredState.parse({ revision, servers: servers.map(config), destinations: destinations.map(config), policies: policies.map(config), schedules: schedules.map(config), keys: keys.map(config) });
}
