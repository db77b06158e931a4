import { z } from "zod";
import { runId } from "#lib/contract/names.ts";
import { ENDED_STATES, type RunDetail, type StageView } from "#lib/contract/views/run.ts";
import { isAllowed } from "#lib/domain/access/permissions.ts";
import { requireRun } from "#lib/store/run/require-run.ts";
import { runRow } from "#lib/store/run/run-row.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";

export const readRunInput = z.object({ id: runId });

/** @throws Fault NOT_FOUND, also for runs that the reader's role may not see */
export async function readRun(context: ServiceContext, input: z.input<typeof readRunInput>): Promise<RunDetail> {
  await permit(context, "run.view");
  const { id } = parseInput(readRunInput, input);
  const run = await requireRun(context.db, id, context.actor.role);
  const row = runRow(run);
  return {
    ...row,
    stages: run.stages as unknown as StageView[],
    result: run.result as Record<string, unknown> | null,
    lastSeq: run.lastSeq,
    cancelAskedBy: run.cancelAskedBy,
    canCancel: !ENDED_STATES.includes(row.state) && isAllowed(context.actor.role, "run.cancel", run.environment),
    lastEventAt: run.lastEventAt?.toISOString() ?? null,
  };
}
