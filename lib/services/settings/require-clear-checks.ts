import { policyConfig } from "#lib/contract/config/policy.ts";
import { type Assertion, serverConfig } from "#lib/contract/config/server.ts";
import { setSummary } from "#lib/contract/events.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { namesBareTables } from "#lib/domain/recovery/bare-tables.ts";
import type { Transaction } from "#lib/store/open-database.ts";

/**
 * The own checks of a server must say which schema their names mean, unless its backups hold one schema only: by their policies, or by what the newest one held.
 * Asked where it is set, so that no proof fails over it at night.
 * @throws Fault ASSERTION_SCHEMA_MISSING where several schemas are backed up, ASSERTION_SCHEMA_UNKNOWN where nobody knows yet
 */
export async function requireClearChecks(tx: Transaction, server: string): Promise<void> {
  const row = await tx.server.findUniqueOrThrow({ where: { name: server } });
  const unclear = serverConfig.parse(row.config).assertions.find(isUnclear);
  if (!unclear) return;
  for (const schemas of await scopesOf(tx, server)) {
    if (schemas === null) throw new Fault("ASSERTION_SCHEMA_UNKNOWN", { params: { assertion: unclear.name, server } });
    if (schemas.length > 1) throw new Fault("ASSERTION_SCHEMA_MISSING", { params: { assertion: unclear.name, schemas: schemas.join(", ") } });
  }
}

function isUnclear({ schema, sql }: Assertion): boolean {
  return schema === undefined && namesBareTables(sql);
}

/** The schemas that each policy of a server backs up; null where that is not known. Without a policy: what the newest backup held. */
async function scopesOf(tx: Transaction, server: string): Promise<(readonly string[] | null)[]> {
  const policies = await tx.policy.findMany({ where: { serverName: server }, orderBy: { name: "asc" } });
  const scopes = policies.map(({ name, config }) => ({ policy: name, schemas: policyConfig.parse(config).schemas ?? null }));
  return Promise.all((scopes.length > 0 ? scopes : [{ policy: undefined, schemas: null }]).map(async ({ policy, schemas }) => schemas ?? (await newestSchemas(tx, server, policy))));
}

async function newestSchemas(tx: Transaction, server: string, policy: string | undefined): Promise<readonly string[] | null> {
  const set = await tx.backupSet.findFirst({ where: { serverName: server, ...(policy === undefined ? {} : { policyName: policy }) }, orderBy: { snapshotAt: "desc" }, select: { summary: true } });
  return setSummary.pick({ schemas: true }).safeParse(set?.summary).data?.schemas ?? null;
}
