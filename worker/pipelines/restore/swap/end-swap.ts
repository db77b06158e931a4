import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { dropKept } from "./drop-kept.ts";
import { recoverSwap } from "./take-back.ts";

/** How a swap is ended later on, as a run of its own: one that was left half-way, or what one has replaced. */
export const SWAP_ENDS = { recover: ["cutover"], drop: ["cleanup"] } as const;

/** Ends a swap whose worker was lost, and says which way. Faults as `recoverSwap`. */
export function endLostSwap(context: RunContext, host: HostRuntime, swap: string): Promise<"swapped" | "taken-back"> {
  return context.stage("cutover", async () => {
    const state = await recoverSwap(host, swap);
    context.result({ swap, state });
    context.log("info", state === "swapped" ? `the tables of ${swap} had changed places: the swap is done` : `${swap} was taken back: everything stands as before the swap`);
    return state;
  });
}

/** Drops what a swap has replaced, and names it. Faults as `dropKept`. */
export function dropReplaced(context: RunContext, host: HostRuntime, swap: string, typed: string | undefined): Promise<string[]> {
  return context.stage("cleanup", async () => {
    const dropped = await dropKept(host, swap, typed);
    context.log("info", `dropped: ${dropped.join(", ")}; ${swap} cannot be undone any more`);
    return dropped;
  });
}
