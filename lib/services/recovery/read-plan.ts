import { z } from "zod";
import { runId } from "#lib/contract/names.ts";
import { restorePlan } from "#lib/contract/recovery/restore.ts";
import type { PlanView } from "#lib/contract/views/recovery.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { planView } from "#lib/store/recovery/plan-view.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";

export const readPlanInput = z.object({ id: runId });

/** @throws Fault NOT_FOUND */
export async function readPlan(context: ServiceContext, input: z.input<typeof readPlanInput>): Promise<PlanView> {
  await permit(context, "restore.plan");
  const { id } = parseInput(readPlanInput, input);
  const row = await context.db.restorePlan.findUnique({ where: { id } });
  if (!row || !restorePlan.safeParse(row.plan).success) throw new Fault("NOT_FOUND", { params: { kind: "plan", id } });
  return planView(row, context.actor.role, context.clock.now());
}
