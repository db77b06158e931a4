"use server";
import type { SwapOrder } from "#lib/contract/recovery/swap.ts";
import { planSwap } from "#lib/services/recovery/plan-swap.ts";
import { startSwap } from "#lib/services/recovery/start-swap.ts";
import { attempt } from "../../../attempt.ts";

/** Asks the server's host for the plan of a swap, or of the way back; the service checks the role. */
export async function planSwapAction(order: SwapOrder) {
  return attempt((context) => planSwap(context, order));
}

/** Starts exactly this plan. */
export async function startSwapAction(planId: string, hash: string, typedName: string) {
  return attempt((context) => startSwap(context, { planId, hash, typedName }));
}
