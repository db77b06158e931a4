import { z } from "zod";
import { runKind } from "#lib/contract/events.ts";
import { instant, slug } from "#lib/contract/names.ts";
import { RUN_STATES, type RunPage, type RunRow } from "#lib/contract/views/run.ts";
import type { Role } from "#lib/domain/access/permissions.ts";
import type { Prisma } from "../generated/client.ts";
import type { Store } from "../open-database.ts";
import { literally, type PageInput, pageFrame, searchWords, skipTake } from "../page.ts";
import { visibleTo } from "../visibility.ts";
import { runRow } from "./run-row.ts";

/** Filters of the activity list; empty lists and absent values filter nothing. `from` inclusive, `to` exclusive, on the queued instant. */
export const runFilters = z.object({
  from: instant.optional(),
  to: instant.optional(),
  kinds: z.array(runKind).default([]),
  states: z.array(z.enum(RUN_STATES)).default([]),
  server: slug.optional(),
  text: searchWords,
});
export type RunFilters = z.output<typeof runFilters>;

const NEWEST_FIRST = [{ queuedAt: "desc" }, { id: "desc" }] satisfies Prisma.RunOrderByWithRelationInput[];

export async function findRuns(db: Store, role: Role, filters: RunFilters, page: PageInput): Promise<RunPage> {
  const where = runsWhere(role, filters);
  const [found, total, servers] = await Promise.all([
    db.run.findMany({ where, orderBy: NEWEST_FIRST, ...skipTake(page) }),
    db.run.count({ where }),
    db.run.groupBy({ by: ["serverName"], where: { ...visibleTo(role), serverName: { not: null } }, orderBy: { serverName: "asc" } }),
  ]);
  return { rows: found.map(runRow), ...pageFrame(total, page), servers: servers.flatMap((group) => group.serverName ?? []) };
}

/** All that fit, newest first, read in batches so that memory stays small. */
export async function* walkRuns(db: Store, role: Role, filters: RunFilters, batch = 1000): AsyncGenerator<RunRow> {
  const where = runsWhere(role, filters);
  let after: { queuedAt: Date; id: string } | undefined;
  for (;;) {
    const beyond: Prisma.RunWhereInput = after ? { OR: [{ queuedAt: { lt: after.queuedAt } }, { queuedAt: after.queuedAt, id: { lt: after.id } }] } : {};
    const found = await db.run.findMany({ where: { AND: [where, beyond] }, orderBy: NEWEST_FIRST, take: batch });
    for (const run of found) yield runRow(run);
    const last = found.at(-1);
    if (!last || found.length < batch) return;
    after = { queuedAt: last.queuedAt, id: last.id };
  }
}

function runsWhere(role: Role, filters: RunFilters): Prisma.RunWhereInput {
  const words = filters.text.toLowerCase().split(/\s+/).filter(Boolean).slice(0, 8);
  return {
    ...visibleTo(role),
    ...(filters.from || filters.to ? { queuedAt: { ...(filters.from ? { gte: filters.from } : {}), ...(filters.to ? { lt: filters.to } : {}) } } : {}),
    ...(filters.kinds.length > 0 ? { kind: { in: filters.kinds } } : {}),
    ...(filters.states.length > 0 ? { state: { in: filters.states } } : {}),
    ...(filters.server ? { serverName: filters.server } : {}),
    ...(words.length > 0 ? { AND: words.map((word) => ({ searchText: { contains: literally(word) } })) } : {}),
  };
}
