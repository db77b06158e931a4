import { z } from "zod";
import { runId } from "#lib/contract/names.ts";
import { swapPlan } from "#lib/contract/recovery/swap.ts";
import type { SwapPlanView } from "#lib/contract/views/recovery.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { isAllowed } from "#lib/domain/access/permissions.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";

export const readSwapPlanInput = z.object({ id: runId });

/** A stored plan of a swap. @throws Fault NOT_FOUND */
export async function readSwapPlan(context: ServiceContext, input: z.input<typeof readSwapPlanInput>): Promise<SwapPlanView> {
  await permit(context, "restore.plan");
  const { id } = parseInput(readSwapPlanInput, input);
  const row = await context.db.restorePlan.findUnique({ where: { id } });
  const parsed = swapPlan.safeParse(row?.plan);
  if (!row || !parsed.success) throw new Fault("NOT_FOUND", { params: { kind: "plan", id } });
  const expired = row.expiresAt.getTime() <= context.clock.now();
  const { data: plan } = parsed;
  const canStart = !expired && row.runId === null && isAllowed(context.actor.role, "restore.swap", plan.target.environment);
  return { plan, requestedBy: row.requestedBy, expiresAt: row.expiresAt.toISOString(), expired, runId: row.runId, canStart };
}
