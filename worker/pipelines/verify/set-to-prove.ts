import type { PolicyConfig } from "#lib/contract/config/policy.ts";
import { isPhysical } from "#lib/domain/backup/methods.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { listSetKeys, readSetAnywhere } from "#worker/pipelines/catalog/read-set.ts";

/** Sets that are looked at, newest first. */
const LOOKED_AT = 20;

/** Sets of one instant: of data files, and of SQL where there is one. */
export interface SetPair {
  readonly files: string;
  readonly sql?: string | undefined;
}

/**
 * Which set of a pair is to be proven now: that of the road which the policy's last restore test did not take, by the verdicts beside its earlier sets. Both
 * are proven in turn that way, data files first. Tests of differentials between them do not count.
 */
export async function setToProve(host: HostRuntime, policy: Pick<PolicyConfig, "name" | "server" | "destinations">, { files, sql }: SetPair): Promise<string> {
  if (sql === undefined) return files;
  const destinations = openDestinations(host, policy.destinations);
  try {
    const listed = await Promise.all(destinations.map((destination) => listSetKeys(destination, policy.server).catch(() => [])));
    const earlier = [...new Set(listed.flat().flatMap(({ kind, setId }) => (kind === "full" ? [setId] : [])))].filter((id) => id !== files && id !== sql).sort().reverse();
    for (const id of earlier.slice(0, LOOKED_AT)) {
      const set = await readSetAnywhere(host, destinations, policy.server, id).catch(() => null);
      if (set?.signed.manifest.policy !== policy.name || !set.verification?.restoreTest) continue;
      return isPhysical(set.signed.manifest) ? sql : files;
    }
    return files;
  } finally {
    await Promise.allSettled(destinations.map((destination) => destination.close()));
  }
}
