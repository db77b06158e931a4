import type { z } from "zod";
import { restoreRequest } from "#lib/contract/recovery/restore.ts";
import type { PlanOutcome } from "#lib/contract/views/recovery.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { planRestore } from "./plan-restore.ts";
import { resolveInstant, resolveInstantInput } from "./resolve-instant.ts";

export const planInstantInput = restoreRequest.omit({ boundary: true, destination: true }).extend({ instant: resolveInstantInput.pick({ wanted: true, skip: true }) });

/** A dry run of a restore to an instant: resolved by the source's host once more, from the set that was chosen, and bound by the plan's hash. */
export async function planInstant(context: ServiceContext, input: z.input<typeof planInstantInput>): Promise<PlanOutcome> {
  const { instant, ...request } = parseInput(planInstantInput, input);
  const found = await resolveInstant(context, { server: request.server, setId: request.setId, into: request.target.kind === "instance" ? "instance" : "server", ...instant });
  return found.ok ? planRestore(context, { ...request, boundary: found.boundary }) : found;
}
