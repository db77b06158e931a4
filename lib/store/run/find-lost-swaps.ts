import type { Dashboard } from "#lib/contract/views/status.ts";
import type { Role } from "#lib/domain/access/permissions.ts";
import type { Store } from "../open-database.ts";
import { visibleTo } from "../visibility.ts";

/**
 * Swaps that were cut off and that no later swap of their server followed through, nor the end of that one, as far as runs tell: how they stand only their host's records know.
 * @param since older ones are history, milliseconds since the epoch
 */
export async function findLostSwaps(db: Store, role: Role, since: number): Promise<Dashboard["lostSwaps"]> {
  const newest = await db.run.findMany({
    where: { ...visibleTo(role), kind: "swap", state: { in: ["interrupted", "completed", "warning"] }, serverName: { not: null }, queuedAt: { gte: new Date(since) } },
    orderBy: { queuedAt: "desc" },
    distinct: ["serverName"],
    take: 20,
  });
  return newest.flatMap(({ id, serverName, state }) => (state === "interrupted" && serverName !== null ? [{ runId: id, server: serverName }] : []));
}
