import { Fault } from "#lib/domain/fault/fault.ts";
import type { Host } from "#lib/store/generated/client.ts";
import type { Store } from "#lib/store/open-database.ts";

/** @throws Fault NOT_FOUND for a host that is not paired */
export async function requireHost(db: Store, name: string): Promise<Host> {
  const host = await db.host.findUnique({ where: { name } });
  if (!host) throw new Fault("NOT_FOUND", { params: { kind: "host", id: name } });
  return host;
}

/** A name stays with its host. @throws Fault NAME_TAKEN */
export function requireSameHost(kind: string, name: string, existing: string | undefined, host: string): void {
  if (existing !== undefined && existing !== host) throw new Fault("NAME_TAKEN", { params: { kind, name, host: existing } });
}
