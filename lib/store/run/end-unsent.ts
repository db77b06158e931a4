import type { FaultRecord } from "#lib/domain/fault/fault.ts";
import type { Store } from "../open-database.ts";

/** Ends a run that never reached its worker. Does nothing once a worker has taken it. */
export async function endUnsent(db: Store, id: string, fault: FaultRecord, at: Date): Promise<void> {
  await db.run.updateMany({ where: { id, state: "queued" }, data: { state: "failed", finishedAt: at, fault: { ...fault }, faultCode: fault.code } });
}
