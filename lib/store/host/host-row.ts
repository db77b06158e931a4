import type { Heartbeat } from "#lib/contract/pairing.ts";
import type { HostRow } from "#lib/contract/views/settings.ts";
import { workerState } from "#lib/domain/objective/worker-state.ts";
import type { Host } from "../generated/client.ts";

/** @param now milliseconds since the epoch */
export function hostRow(host: Host, now: number): HostRow {
  return {
    name: host.name,
    hostname: host.hostname,
    fingerprint: host.fingerprint,
    pairedAt: host.pairedAt.toISOString(),
    pairedBy: host.pairedBy,
    boxKey: host.boxKey,
    sentRevision: host.sentRevision,
    heldRevision: host.heldRevision,
    heartbeat: host.heartbeat as unknown as Heartbeat | null,
    heartbeatAt: host.heartbeatAt?.toISOString() ?? null,
    state: workerState(host.heartbeatAt?.getTime() ?? null, now),
  };
}
