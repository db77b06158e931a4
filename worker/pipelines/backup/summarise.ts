import type { SetSummary } from "#lib/contract/events.ts";
import { tablesIn } from "#lib/domain/backup/differential.ts";
import { isPhysical } from "#lib/domain/backup/methods.ts";
import type { Manifest } from "#lib/contract/manifest/manifest.ts";

/** What the catalog keeps of a set. */
export function summarise(manifest: Manifest, manifestSha256: string): SetSummary {
  const tables = manifest.inventory.schemas.flatMap((schema) => schema.tables);
  const sum = (pick: (artifact: Manifest["artifacts"][number]) => number): number => manifest.artifacts.reduce((n, artifact) => n + pick(artifact), 0);
  return {
    setId: manifest.id,
    server: manifest.server.name,
    policy: manifest.policy,
    host: manifest.host,
    kind: manifest.kind,
    ...(manifest.parent ? { parent: { setId: manifest.parent.setId, ...(isPhysical(manifest) ? {} : { storedTables: tablesIn(manifest.artifacts) }) } } : {}),
    method: manifest.method,
    flavor: manifest.server.flavor,
    serverVersion: manifest.server.version,
    startedAt: manifest.startedAt,
    snapshotAt: manifest.snapshotAt,
    finishedAt: manifest.finishedAt,
    coordinate: manifest.coordinate,
    plainBytes: sum((artifact) => artifact.plain.bytes),
    sealedBytes: sum((artifact) => artifact.sealed.bytes),
    artifacts: manifest.artifacts.length,
    schemas: manifest.inventory.schemas.map((schema) => schema.name),
    tables: tables.length,
    rows: tables.reduce((n, table) => n + table.rows, 0),
    recipients: manifest.recipients,
    lockHeldMs: manifest.lockHeldMs,
    manifestSha256,
  };
}
