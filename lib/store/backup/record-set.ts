import type { SetSummary } from "#lib/contract/events.ts";
import type { CopyCheck, Verification } from "#lib/contract/manifest/verification.ts";
import type { Transaction } from "../open-database.ts";

/** Writes a set into the catalog or refreshes it; verdict and copies stay as they are. */
export async function recordSet(tx: Transaction, summary: SetSummary): Promise<void> {
  const server = await tx.server.findUnique({ where: { name: summary.server }, select: { environment: true } });
  const facts = {
    serverName: summary.server,
    environment: server?.environment ?? null,
    policyName: summary.policy,
    hostName: summary.host,
    kind: summary.kind,
    method: summary.method,
    serverVersion: summary.serverVersion,
    startedAt: new Date(summary.startedAt),
    snapshotAt: new Date(summary.snapshotAt),
    finishedAt: new Date(summary.finishedAt),
    plainBytes: summary.plainBytes,
    sealedBytes: summary.sealedBytes,
    tables: summary.tables,
    rows: summary.rows,
    summary: { ...summary },
  };
  await tx.backupSet.upsert({ where: { id: summary.setId }, create: { id: summary.setId, level: "completed", ...facts }, update: facts });
}

/** A newer look at a copy replaces an older one; an older one that comes late changes nothing. */
export async function recordCopy(tx: Transaction, setId: string, copy: CopyCheck): Promise<void> {
  const at = new Date(copy.checkedAt);
  const facts = { state: copy.state, bytes: copy.bytes, checkedAt: at, problem: copy.problem ?? null };
  await tx.copy.createMany({ data: [{ setId, destination: copy.destination, ...facts }], skipDuplicates: true });
  await tx.copy.updateMany({ where: { setId, destination: copy.destination, checkedAt: { lt: at } }, data: facts });
}

/** A verdict: level, copies, restore test. A verdict older than the one in the catalog changes nothing. */
export async function recordVerification(tx: Transaction, verdict: Pick<Verification, "setId" | "level" | "copies" | "restoreTest"> & { readonly updatedAt: string }): Promise<void> {
  for (const copy of verdict.copies) await recordCopy(tx, verdict.setId, copy);
  const at = new Date(verdict.updatedAt);
  await tx.backupSet.updateMany({
    where: { id: verdict.setId, OR: [{ verifiedAt: null }, { verifiedAt: { lte: at } }] },
    data: {
      level: verdict.level,
      verifiedAt: at,
      ...(verdict.restoreTest ? { restoreTest: { ...verdict.restoreTest }, restoreSeconds: verdict.restoreTest.restoreSeconds } : {}),
    },
  });
}
