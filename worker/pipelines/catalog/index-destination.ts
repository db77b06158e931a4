import type { SetSummary } from "#lib/contract/events.ts";
import type { Verification } from "#lib/contract/manifest/verification.ts";
import { type FaultRecord, faultRecord } from "#lib/domain/fault/fault.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { summarise } from "#worker/pipelines/backup/summarise.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { listSetKeys, readSet } from "./read-set.ts";

export interface DestinationIndex {
  readonly sets: { summary: SetSummary; verification: Verification | null; trusted: boolean }[];
  /** Sets whose manifest cannot be believed or read. */
  readonly problems: FaultRecord[];
}

/** All finished sets of a destination from its manifests alone, oldest first. */
export async function indexDestination(host: HostRuntime, destination: Destination): Promise<DestinationIndex> {
  const index: DestinationIndex = { sets: [], problems: [] };
  for (const key of await listSetKeys(destination)) {
    try {
      const set = await readSet(host, destination, key.server, key.setId);
      index.sets.push({ summary: summarise(set.signed.manifest, set.manifestSha256), verification: set.verification, trusted: true });
    } catch (error) {
      index.problems.push(faultRecord(error));
    }
  }
  return index;
}
