import type { RunKind, Trigger } from "#lib/contract/events.ts";
import { searchText } from "#lib/domain/run/search-text.ts";
import type { Transaction } from "../open-database.ts";

export interface QueuedRun {
  readonly id: string;
  readonly kind: RunKind;
  readonly trigger: Trigger;
  readonly host: string;
  readonly server: string | null;
  readonly environment: string | null;
  readonly policy: string | null;
  readonly setId: string | null;
  readonly requestedBy: string;
  readonly at: Date;
}

/** The row of a run that somebody just asked for. */
export async function queueRun(tx: Transaction, run: QueuedRun): Promise<void> {
  await tx.run.create({
    data: {
      id: run.id,
      kind: run.kind,
      state: "queued",
      trigger: run.trigger,
      hostName: run.host,
      serverName: run.server,
      environment: run.environment,
      policyName: run.policy,
      setId: run.setId,
      requestedBy: run.requestedBy,
      queuedAt: run.at,
      searchText: searchText(run),
    },
  });
}
