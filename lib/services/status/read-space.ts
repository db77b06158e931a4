import type { DestinationSpace } from "#lib/contract/views/status.ts";
import type { ProbeView } from "#lib/contract/views/settings.ts";
import { isAllowed } from "#lib/domain/access/permissions.ts";
import type { ServiceContext } from "../context.ts";

/** Space per destination: total and free from its last probe, used by the catalog. Empty for those who may not see settings. */
export async function readSpace(context: ServiceContext): Promise<DestinationSpace[]> {
  if (!isAllowed(context.actor.role, "settings.view")) return [];
  const [destinations, used] = await Promise.all([
    context.db.destination.findMany({ orderBy: { name: "asc" } }),
    context.db.copy.groupBy({ by: ["destination"], where: { state: { not: "missing" } }, _sum: { bytes: true }, _count: true }),
  ]);
  return destinations.map((destination) => {
    const probe = destination.lastProbe as unknown as ProbeView | null;
    const ours = used.find((group) => group.destination === destination.name);
    return {
      destination: destination.name,
      host: destination.hostName,
      kind: destination.kind,
      totalBytes: probe?.space?.totalBytes ?? null,
      freeBytes: probe?.space?.freeBytes ?? null,
      measuredAt: probe?.at ?? null,
      usedBytes: Number(ours?._sum.bytes ?? 0n),
      copies: ours?._count ?? 0,
    };
  });
}
