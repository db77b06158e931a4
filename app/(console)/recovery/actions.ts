"use server";
import { planRestore, type PlanRestoreInput } from "#lib/services/recovery/plan-restore.ts";
import { startRestore } from "#lib/services/recovery/start-restore.ts";
import { planInstant } from "#lib/services/recovery/plan-instant.ts";
import { searchDangers } from "#lib/services/recovery/search-dangers.ts";
import { attempt } from "../../attempt.ts";

/** Asks the target's host for a plan, of a set as it is or of an instant behind it; the service checks the role. */
export async function planRestoreAction(request: Omit<PlanRestoreInput, "target" | "boundary" | "ownChecks">, instant: Parameters<typeof planInstant>[1]["instant"] | null, target: PlanRestoreInput["target"], ownChecks: boolean) {
  const wanted = { ...request, target, ...(ownChecks ? {} : { ownChecks }) };
  return attempt((context) => (instant ? planInstant(context, { ...wanted, instant }) : planRestore(context, wanted)));
}

/** The danger list of a server; the service checks the role. */
export async function searchDangersAction(server: string, search: Omit<Parameters<typeof searchDangers>[1], "server">) {
  return attempt((context) => searchDangers(context, { ...search, server }));
}

/** Starts exactly this plan. */
export async function startRestoreAction(planId: string, hash: string, typedName?: string) {
  return attempt((context) => startRestore(context, { planId, hash, ...(typedName === undefined ? {} : { typedName }) }));
}
