"use server";
import { planRestore, type PlanRestoreInput } from "#lib/services/recovery/plan-restore.ts";
import { startRestore } from "#lib/services/recovery/start-restore.ts";
import { attempt } from "../../attempt.ts";

/** Asks the target's host for a plan; the service checks the role. */
export async function planRestoreAction(request: Omit<PlanRestoreInput, "target">, target: PlanRestoreInput["target"]) {
  return attempt((context) => planRestore(context, { ...request, target }));
}

/** Starts exactly this plan. */
export async function startRestoreAction(planId: string, hash: string, typedName?: string) {
  return attempt((context) => startRestore(context, { planId, hash, ...(typedName === undefined ? {} : { typedName }) }));
}
