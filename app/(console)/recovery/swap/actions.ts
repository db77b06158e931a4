"use server";
import type { SwapOrder } from "#lib/contract/recovery/swap.ts";
import { type EndSwapInput, endSwap } from "#lib/services/recovery/end-swap.ts";
import { planSwap } from "#lib/services/recovery/plan-swap.ts";
import { startSwap } from "#lib/services/recovery/start-swap.ts";
import { attempt } from "../../../attempt.ts";

/** Asks the server's host for the plan of a swap, or of the way back; the service checks the role. */
export async function planSwapAction(order: SwapOrder, ownChecks?: boolean) {
  return attempt((context) => planSwap(context, order.kind === "swap" && ownChecks !== undefined ? { ...order, ownChecks } : order));
}

/** Starts exactly this plan. */
export async function startSwapAction(planId: string, hash: string, typedName: string) {
  return attempt((context) => startSwap(context, { planId, hash, typedName }));
}

/** Ends a swap that was left half-way, or drops what one has replaced, under the name that was typed. */
export async function endSwapAction(order: Omit<EndSwapInput, "typedName">, typedName?: string) {
  return attempt((context) => endSwap(context, { ...order, ...(typedName === undefined ? {} : { typedName }) }));
}
