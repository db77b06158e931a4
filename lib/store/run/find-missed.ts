import type { Store } from "../open-database.ts";

/** Fires of one schedule that nobody made up for. */
export interface MissedFires {
  readonly schedule: string;
  readonly count: number;
  /** The first of them, milliseconds since the epoch. */
  readonly since: number;
}

/**
 * What the schedules of a server missed last, one for each schedule, while no later run of the same kind went well: that makes up for it.
 * @param since older ones are history, milliseconds since the epoch
 */
export async function findMissed(db: Store, server: string, since: number): Promise<MissedFires[]> {
  const missed = await db.run.findMany({
    where: { serverName: server, state: "missed", scheduleName: { not: null }, queuedAt: { gte: new Date(since) } },
    orderBy: { queuedAt: "desc" },
    distinct: ["scheduleName"],
    take: 20,
  });
  const open = await Promise.all(
    missed.map(async (run) => {
      const { count, to } = (run.result ?? {}) as { count?: number; to?: string };
      const madeUp = await db.run.findFirst({ where: { serverName: server, kind: run.kind, state: { in: ["completed", "warning"] }, startedAt: { gt: to ?? run.queuedAt } }, select: { id: true } });
      return madeUp ? [] : [{ schedule: run.scheduleName ?? "", count: count ?? 1, since: run.queuedAt.getTime() }];
    }),
  );
  return open.flat();
}
