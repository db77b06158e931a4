import type { HostRow } from "#lib/contract/views/settings.ts";
import { hostRow } from "#lib/store/host/host-row.ts";
import type { ServiceContext } from "../context.ts";
import { permit } from "../permit.ts";

/** All paired hosts, by name. */
export async function listHosts(context: ServiceContext): Promise<HostRow[]> {
  await permit(context, "settings.view");
  const hosts = await context.db.host.findMany({ orderBy: { name: "asc" } });
  return hosts.map((host) => hostRow(host, context.clock.now()));
}
