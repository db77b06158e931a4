import type { z } from "zod";
import { restoreRequest, takesFiles } from "#lib/contract/recovery/restore.ts";
import type { PlanOutcome } from "#lib/contract/views/recovery.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { planRestore } from "./plan-restore.ts";
import { resolveInstant, resolveInstantInput } from "./resolve-instant.ts";

export const planInstantInput = restoreRequest.omit({ boundary: true, destination: true }).extend({ instant: resolveInstantInput.pick({ wanted: true, skip: true }) });

/**
 * A dry run of a restore to an instant: resolved by the source's host once more, from the set that was chosen, and bound by the plan's hash. A new server, or a stopped one's data directory, is
 * made of data files: of the set with the fastest road, whichever was chosen for its SQL.
 */
export async function planInstant(context: ServiceContext, input: z.input<typeof planInstantInput>): Promise<PlanOutcome> {
  const { instant, ...request } = parseInput(planInstantInput, input);
  const from = takesFiles(request.target.kind) ? { into: "instance" as const } : { into: "server" as const, setId: request.setId };
  const found = await resolveInstant(context, { server: request.server, ...from, ...instant });
  return found.ok ? planRestore(context, { ...request, setId: found.setId, boundary: found.boundary }) : found;
}
