import type { SetSummary } from "#lib/contract/events.ts";
import type { CopyView, SetLevel, SetRow } from "#lib/contract/views/backup.ts";
import type { BackupSet, Copy } from "../generated/client.ts";

/** A stored set as the pages see it. */
export function setRow(set: BackupSet & { copies: Copy[] }): SetRow {
  return {
    id: set.id,
    server: set.serverName,
    environment: set.environment,
    policy: set.policyName,
    host: set.hostName,
    kind: set.kind === "differential" ? "differential" : "full",
    parent: (set.summary as Partial<SetSummary> | null)?.parent?.setId ?? null,
    level: set.level as SetLevel,
    serverVersion: set.serverVersion,
    startedAt: set.startedAt.toISOString(),
    snapshotAt: set.snapshotAt.toISOString(),
    finishedAt: set.finishedAt.toISOString(),
    verifiedAt: set.verifiedAt?.toISOString() ?? null,
    restoreSeconds: set.restoreSeconds,
    plainBytes: Number(set.plainBytes),
    sealedBytes: Number(set.sealedBytes),
    tables: set.tables,
    rows: Number(set.rows),
    copies: set.copies.map(copyView).sort((a, b) => a.destination.localeCompare(b.destination)),
  };
}

function copyView(copy: Copy): CopyView {
  return { destination: copy.destination, state: copy.state as CopyView["state"], bytes: Number(copy.bytes), checkedAt: copy.checkedAt.toISOString(), problem: copy.problem };
}
