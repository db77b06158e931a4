import { applyState } from "#lib/contract/jobs/control.ts";
import { faultRecord } from "#lib/domain/fault/fault.ts";
import type { JobQueue } from "#lib/queue/job-queue.ts";
import type { Database } from "#lib/store/open-database.ts";
import { readDesiredState } from "#lib/store/settings/desired-state.ts";
import type { FaultView } from "#lib/contract/views/run.ts";
import { requireHost } from "./require-host.ts";

/** What became of a change of settings. Unsent is no loss: the controller sends it when the queue and the host are back. */
export interface Pushed {
  readonly revision: number;
  readonly sent: boolean;
  readonly fault: FaultView | null;
}

/** Sends a host its settings, for the verbs that changed something and for the controller. */
export async function sendState({ db, queue }: { db: Database; queue: JobQueue }, host: string): Promise<Pushed> {
  const { wantedRevision: revision } = await requireHost(db, host);
  const state = await readDesiredState(db, host, revision);
  try {
    await queue.enqueue(applyState, host, { state }, { jobId: `apply-${revision}-${Date.now()}` });
  } catch (error) {
    return { revision, sent: false, fault: faultRecord(error) };
  }
  await db.host.updateMany({ where: { name: host, sentRevision: { lt: revision } }, data: { sentRevision: revision } });
  return { revision, sent: true, fault: null };
}
