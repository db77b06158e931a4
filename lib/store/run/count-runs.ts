import type { DayCount } from "#lib/contract/views/status.ts";
import type { Role } from "#lib/domain/access/permissions.ts";
import { Prisma } from "../generated/client.ts";
import type { Store } from "../open-database.ts";
import { visibleTo } from "../visibility.ts";

/**
 * Runs per day of the reader's zone, oldest first, days without runs included.
 * @param days ISO dates, oldest first
 * @param since instant at which the first of them begins
 */
export async function countRunsPerDay(db: Store, role: Role, days: readonly string[], since: Date, timeZone: string): Promise<DayCount[]> {
  const environments = visibleTo(role).environment?.in;
  const seen = environments ? Prisma.sql`AND environment IN (${Prisma.join(environments)})` : Prisma.empty;
  const counts = await db.$queryRaw<{ day: string; state: string; count: number }[]>`
    SELECT to_char("queuedAt" AT TIME ZONE ${timeZone}::text, 'YYYY-MM-DD') AS day, state, count(*)::int AS count
    FROM "Run" WHERE "queuedAt" >= ${since} ${seen} GROUP BY 1, 2`;
  return days.map((day) => {
    const of = (...states: string[]) => counts.filter((row) => row.day === day && states.includes(row.state)).reduce((sum, row) => sum + row.count, 0);
    return { day, completed: of("completed"), warning: of("warning"), failed: of("failed"), other: of("cancelled", "interrupted", "missed") };
  });
}

/** How many runs stand in each state. */
export async function countRunsByState(db: Store, role: Role): Promise<Record<string, number>> {
  const groups = await db.run.groupBy({ by: ["state"], where: visibleTo(role), _count: true });
  return Object.fromEntries(groups.map((group) => [group.state, group._count]));
}
