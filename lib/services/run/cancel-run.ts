import { z } from "zod";
import { cancelRun as cancelJob } from "#lib/contract/jobs/control.ts";
import { runId } from "#lib/contract/names.ts";
import { ENDED_STATES, type RunState } from "#lib/contract/views/run.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { newId } from "#lib/platform/ids.ts";
import { appendAudit } from "#lib/store/audit/append-audit.ts";
import { transaction } from "#lib/store/open-database.ts";
import { requireRun } from "#lib/store/run/require-run.ts";
import { auditAs } from "../audit-as.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";

export const cancelRunInput = z.object({ id: runId });

/**
 * Takes back a queued run at once; asks the worker to stop a running one (the run page shows when it did).
 * @throws Fault RUN_ENDED
 */
export async function cancelRun(context: ServiceContext, input: z.input<typeof cancelRunInput>): Promise<{ state: "cancelled" | "asked" }> {
  await permit(context, "run.cancel");
  const { id } = parseInput(cancelRunInput, input);
  const { db, queue, clock, actor } = context;
  const run = await requireRun(db, id, actor.role);
  await permit(context, "run.cancel", run.environment, id);
  if (ENDED_STATES.includes(run.state as RunState)) throw new Fault("RUN_ENDED", { params: { id } });
  const withdrawn = await queue.withdraw({ lane: "run" }, run.hostName, id);
  const now = clock.now();
  const cancelled = await transaction(db, async (tx) => {
    await tx.run.update({ where: { id }, data: { cancelAskedBy: actor.email } });
    const ended = withdrawn ? await tx.run.updateMany({ where: { id, state: "queued" }, data: { state: "cancelled", finishedAt: new Date(now) } }) : { count: 0 };
    await appendAudit(tx, auditAs(context, { action: "run.cancel", subject: id, detail: { withdrawn } }));
    return ended.count === 1;
  });
  if (cancelled) return { state: "cancelled" };
  await queue.enqueue(cancelJob, run.hostName, { runId: id, requestedBy: actor.email }, { jobId: `cancel-${newId(now)}` });
  return { state: "asked" };
}
