import { z } from "zod";
import { slug } from "#lib/contract/names.ts";
import { SET_LEVELS, type SetPage } from "#lib/contract/views/backup.ts";
import type { Role } from "#lib/domain/access/permissions.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { BackupSet, Copy, Prisma } from "../generated/client.ts";
import type { Store } from "../open-database.ts";
import { type PageInput, pageFrame, skipTake } from "../page.ts";
import { visibleTo } from "../visibility.ts";
import { setRow } from "./set-row.ts";

export const setFilters = z.object({
  server: slug.optional(),
  policy: slug.optional(),
  levels: z.array(z.enum(SET_LEVELS)).default([]),
  /** Only sets with a copy there. */
  destination: slug.optional(),
});
export type SetFilters = z.output<typeof setFilters>;

export async function findSets(db: Store, role: Role, filters: SetFilters, page: PageInput): Promise<SetPage> {
  const where: Prisma.BackupSetWhereInput = {
    ...visibleTo(role),
    ...(filters.server ? { serverName: filters.server } : {}),
    ...(filters.policy ? { policyName: filters.policy } : {}),
    ...(filters.levels.length > 0 ? { level: { in: filters.levels } } : {}),
    ...(filters.destination ? { copies: { some: { destination: filters.destination } } } : {}),
  };
  const [found, total, servers] = await Promise.all([
    db.backupSet.findMany({ where, include: { copies: true }, orderBy: [{ snapshotAt: "desc" }, { id: "desc" }], ...skipTake(page) }),
    db.backupSet.count({ where }),
    db.backupSet.groupBy({ by: ["serverName"], where: visibleTo(role), orderBy: { serverName: "asc" } }),
  ]);
  return { rows: found.map(setRow), ...pageFrame(total, page), servers: servers.map((group) => group.serverName) };
}

/** @throws Fault NOT_FOUND where there is none, or none that the role may see */
export async function requireSet(db: Store, id: string, role: Role): Promise<BackupSet & { copies: Copy[] }> {
  const set = await db.backupSet.findFirst({ where: { id, ...visibleTo(role) }, include: { copies: true } });
  if (!set) throw new Fault("NOT_FOUND", { params: { kind: "backup set", id } });
  return set;
}
