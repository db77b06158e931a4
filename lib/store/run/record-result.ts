import type { RunOutcome } from "#lib/contract/events.ts";
import type { FaultRecord } from "#lib/domain/fault/fault.ts";
import { Prisma } from "../generated/client.ts";
import { type Database, transaction } from "../open-database.ts";

/** What a returned job tells of its run. `lastSeq` is null when the job failed before or beside its journal. */
export interface JobOutcome {
  readonly runId: string;
  readonly outcome: RunOutcome;
  readonly fault: FaultRecord | null;
  readonly lastSeq: number | null;
  readonly at: Date;
}

/**
 * The end of a run as its job returned it: decides when the events that would say so were lost or are late, and changes
 * nothing once the run's own end is known. Events may still come and refine it.
 */
export async function recordResult(db: Database, host: string, result: JobOutcome): Promise<void> {
  await transaction(db, async (tx) => {
    await tx.$executeRaw`SELECT 1 FROM "Run" WHERE id = ${result.runId} FOR UPDATE`;
    const run = await tx.run.findUnique({ where: { id: result.runId } });
    if (!run || run.hostName !== host || run.finishSeq !== null) return;
    await tx.run.update({
      where: { id: run.id },
      data: {
        state: result.outcome,
        finishedAt: result.at,
        startedAt: run.startedAt ?? (result.lastSeq === null ? null : result.at),
        finishSeq: result.lastSeq,
        fault: result.fault ? { ...result.fault } : Prisma.DbNull,
        faultCode: result.fault?.code ?? null,
      },
    });
  });
}
