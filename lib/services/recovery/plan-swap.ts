import type { z } from "zod";
import { planSwap as planJob } from "#lib/contract/jobs/control.ts";
import { type SwapPlan, swapOrder } from "#lib/contract/recovery/swap.ts";
import type { SwapOutcome } from "#lib/contract/views/recovery.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { appendAudit } from "#lib/store/audit/append-audit.ts";
import { type Store, transaction } from "#lib/store/open-database.ts";
import { requireServer } from "#lib/store/settings/require-policy.ts";
import { auditAs } from "../audit-as.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";

/**
 * A dry run of a swap on the server's host, or of the way back of one; stored, so that exactly this and nothing else can be started. An undo finds its server by the run that it takes back.
 * @throws Fault FORBIDDEN, NOT_FOUND
 */
export async function planSwap(context: ServiceContext, input: z.input<typeof swapOrder>): Promise<SwapOutcome> {
  await permit(context, "restore.swap");
  const order = parseInput(swapOrder, input);
  const { db, queue, actor } = context;
  const server = order.kind === "swap" ? order.server : await serverOf(db, order.runId);
  if (server === null) throw new Fault("NOT_FOUND", { params: { kind: "swap", id: order.kind === "undo" ? order.runId : "" } });
  const target = await requireServer(db, server);
  await permit(context, "restore.swap", target.environment, server);
  const result = await queue.ask(planJob, target.hostName, { order }, 120_000);
  const audit = auditAs(context, { action: "restore.swap", subject: server, detail: { order, ok: result.ok, ...(result.ok ? { planId: result.plan.planId, hash: result.plan.hash } : { faults: result.faults.map(({ code }) => code) }) } });
  await transaction(db, async (tx) => {
    if (result.ok) await tx.restorePlan.create({ data: rowOf(result.plan, actor.email) });
    await appendAudit(tx, audit);
  });
  return result.ok ? { ok: true, planId: result.plan.planId } : { ok: false, faults: result.faults };
}

/** Of the command line's swaps there is a run, too, and one that a lost worker left may stand all the same: the host says whether it can be undone. */
async function serverOf(db: Store, runId: string): Promise<string | null> {
  const run = await db.run.findUnique({ where: { id: runId } });
  return run?.kind === "swap" ? run.serverName : null;
}

function rowOf(plan: SwapPlan, requestedBy: string) {
  return { id: plan.planId, hash: plan.hash, request: { ...plan.request }, plan: { ...plan }, requestedBy, createdAt: new Date(plan.createdAt), expiresAt: new Date(plan.expiresAt) };
}
