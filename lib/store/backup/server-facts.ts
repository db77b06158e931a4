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

/** What the catalog knows of a server's newest sets; four indexed look-ups. */
export async function readServerSets(db: Store, server: string): Promise<ServerSets> {
  const newest = async (level: { in?: string[]; not?: string } | undefined) => {
    const set = await db.backupSet.findFirst({ where: { serverName: server, ...(level ? { level } : {}) }, include: { copies: true }, orderBy: { snapshotAt: "desc" } });
    return set && setRow(set);
  };
  const [any, good, proven, run] = await Promise.all([
    newest(undefined),
    newest({ not: "refused" }),
    newest({ in: ["proven"] }),
    db.run.findFirst({ where: { serverName: server, kind: "backup-full", state: { in: ENDED_STATES.filter((state) => state !== "missed") } }, orderBy: { queuedAt: "desc" }, select: { state: true, faultCode: true } }),
  ]);
  const failed = run && ["failed", "interrupted"].includes(run.state);
  return { newest: any, newestGood: good, newestProven: proven, lastRunFault: failed ? (run.faultCode ?? "UNEXPECTED") : null };
}

export function setFacts(set: SetRow | null): SetFacts | null {
  return set && { snapshotAt: Date.parse(set.snapshotAt), level: set.level, restoreSeconds: set.restoreSeconds, copies: set.copies };
}
