import type { Role } from "#lib/domain/access/permissions.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Run } from "../generated/client.ts";
import type { Store } from "../open-database.ts";
import { visibleTo } from "../visibility.ts";

/** @throws Fault NOT_FOUND where there is none, or none that the role may see */
export async function requireRun(db: Store, id: string, role: Role): Promise<Run> {
  const run = await db.run.findFirst({ where: { id, ...visibleTo(role) } });
  if (!run) throw new Fault("NOT_FOUND", { params: { kind: "run", id } });
  return run;
}
