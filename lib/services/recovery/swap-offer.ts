import { z } from "zod";
import { serverConfig } from "#lib/contract/config/server.ts";
import { runId } from "#lib/contract/names.ts";
import { restorePlan } from "#lib/contract/recovery/restore.ts";
import { type SwapOrder, swapPlan } from "#lib/contract/recovery/swap.ts";
import { checksAbout } from "#lib/domain/recovery/own-checks.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";

export const swapOfferInput = z.object({ id: runId });

/** What may follow a run that went well: the swap of a copy restored beside on the server it came from, or the way back of a swap. */
export interface SwapOffer {
  readonly server: string;
  readonly order: SwapOrder;
  /** Live schema → the one whose tables take its place. */
  readonly pairs: Readonly<Record<string, string>>;
  /** Own checks of the server that can be run on the exchanged tables. */
  readonly checks: number;
}

/** Null where nothing follows. Runs of the command line are followed there: their plans are not here. */
export async function swapOffer(context: ServiceContext, input: z.input<typeof swapOfferInput>): Promise<SwapOffer | null> {
  await permit(context, "run.view");
  const { id } = parseInput(swapOfferInput, input);
  const [run, row] = await Promise.all([context.db.run.findUnique({ where: { id } }), context.db.restorePlan.findFirst({ where: { runId: id } })]);
  if (!row || (run?.state !== "completed" && run?.state !== "warning")) return null;
  const swapped = swapPlan.safeParse(row.plan);
  if (swapped.success) {
    const { request } = swapped.data;
    if (request.undoes !== undefined) return null;
    return { server: request.server, order: { kind: "undo", runId: id, lockWaitSeconds: request.lockWaitSeconds }, pairs: Object.fromEntries(request.pairs.map(({ live, kept }) => [live, kept])), checks: 0 };
  }
  const restored = restorePlan.safeParse(row.plan);
  if (!restored.success) return null;
  const { target, server } = restored.data.request;
  if (target.kind !== "beside" || target.server !== server) return null;
  return { server, order: { kind: "swap", server, pairs: target.names, moveRest: false, lockWaitSeconds: 10, ownChecks: true }, pairs: target.names, checks: await checksOf(context, server, Object.keys(target.names)) };
}

/** As the worker will choose them. */
async function checksOf({ db }: ServiceContext, name: string, live: readonly string[]): Promise<number> {
  const server = await db.server.findUnique({ where: { name } });
  const { data } = serverConfig.safeParse(server?.config);
  return data ? checksAbout(data.assertions, live).length : 0;
}
