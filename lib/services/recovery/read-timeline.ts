import { z } from "zod";
import { slug } from "#lib/contract/names.ts";
import { heartbeat } from "#lib/contract/pairing.ts";
import type { SetLevel } from "#lib/contract/views/backup.ts";
import type { RunState } from "#lib/contract/views/run.ts";
import type { TimelineView } from "#lib/contract/views/timeline.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { visibleTo } from "#lib/store/visibility.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";

export const readTimelineInput = z.object({ server: slug });

/** How far back, and at most how many of each. */
const DAYS = 90;
const MOST = 400;

/**
 * Points, reachable stretches and events of a server, as catalog and worker told them.
 * @throws Fault NOT_FOUND where there is no such server, or none that the reader may see
 */
export async function readTimeline(context: ServiceContext, input: z.input<typeof readTimelineInput>): Promise<TimelineView> {
  await permit(context, "status.view");
  const { server: name } = parseInput(readTimelineInput, input);
  const { db, clock, actor } = context;
  const server = await db.server.findFirst({ where: { name, ...visibleTo(actor.role) }, include: { host: true } });
  if (!server) throw new Fault("NOT_FOUND", { params: { kind: "server", id: name } });
  const now = clock.now();
  const since = new Date(now - DAYS * 86_400_000);
  const [sets, runs] = await Promise.all([
    db.backupSet.findMany({ where: { serverName: name, ...visibleTo(actor.role), snapshotAt: { gte: since } }, orderBy: { snapshotAt: "desc" }, take: MOST, select: { id: true, kind: true, snapshotAt: true, level: true } }),
    db.run.findMany({
      where: { serverName: name, ...visibleTo(actor.role), startedAt: { gte: since }, OR: [{ kind: "restore" }, { kind: { startsWith: "backup" }, state: { in: ["failed", "interrupted"] } }] },
      orderBy: { startedAt: "desc" },
      take: MOST,
      select: { id: true, kind: true, state: true, startedAt: true },
    }),
  ]);
  const beat = heartbeat.safeParse(server.host.heartbeat).data;
  return {
    server: name,
    environment: server.environment,
    at: new Date(now).toISOString(),
    points: sets.map(({ id, kind, snapshotAt, level }) => ({ id, kind: kind === "differential" ? ("differential" as const) : ("full" as const), at: snapshotAt.toISOString(), level: level as SetLevel })).reverse(),
    recovery: beat?.recovery.find((report) => report.server === name) ?? null,
    heardAt: server.host.heartbeatAt?.toISOString() ?? null,
    events: runs.flatMap(({ id, kind, state, startedAt }) => (startedAt ? [{ at: startedAt.toISOString(), kind: kind === "restore" ? ("restore" as const) : ("failed-backup" as const), runId: id, state: state as RunState }] : [])).reverse(),
  };
}
