import { ENDED_STATES } from "#lib/contract/views/run.ts";
import type { SetRow } from "#lib/contract/views/backup.ts";
import type { SetFacts } from "#lib/domain/objective/protection.ts";
import type { Store } from "../open-database.ts";
import { setRow } from "./set-row.ts";

export interface ServerSets {
  readonly newest: SetRow | null;
  readonly newestGood: SetRow | null;
  readonly newestProven: SetRow | null;
  /** Fault code of the newest backup that began and ended, if it failed. */
  readonly lastRunFault: string | null;
}

/** What the catalog knows of a server's newest sets; five indexed look-ups. */
export async function readServerSets(db: Store, server: string): Promise<ServerSets> {
  const newest = async (level: { in?: string[]; not?: string } | undefined) => {
    const set = await db.backupSet.findFirst({ where: { serverName: server, ...(level ? { level } : {}) }, include: { copies: true }, orderBy: { snapshotAt: "desc" } });
    return set && setRow(set);
  };
  const lastRun = (kind: "backup-full" | "backup-differential") => db.run.findFirst({ where: { serverName: server, kind, state: { in: ENDED_STATES.filter((state) => state !== "missed") } }, orderBy: { queuedAt: "desc" }, select: { state: true, faultCode: true, queuedAt: true } });
  const [latest, good, proven, full, differential] = await Promise.all([
    newest(undefined),
    newest({ not: "refused" }),
    newest({ in: ["proven"] }),
    lastRun("backup-full"),
    lastRun("backup-differential"),
  ]);
  // A full that went well since makes good for a differential that did not.
  const counted = [full, differential && full && differential.queuedAt < full.queuedAt ? null : differential];
  const failed = counted.find((run) => run && ["failed", "interrupted"].includes(run.state));
  return { newest: latest, newestGood: good, newestProven: proven, lastRunFault: failed ? (failed.faultCode ?? "UNEXPECTED") : null };
}

export function setFacts(set: SetRow | null): SetFacts | null {
  return set && { snapshotAt: Date.parse(set.snapshotAt), level: set.level, restoreSeconds: set.restoreSeconds, copies: set.copies };
}
