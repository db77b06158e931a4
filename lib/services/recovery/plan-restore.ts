import type { z } from "zod";
import { planRestore as planJob } from "#lib/contract/jobs/control.ts";
import { restoreRequest } from "#lib/contract/recovery/restore.ts";
import type { PlanOutcome } from "#lib/contract/views/recovery.ts";
import { appendAudit } from "#lib/store/audit/append-audit.ts";
import { requireSet } from "#lib/store/backup/find-sets.ts";
import { transaction } from "#lib/store/open-database.ts";
import { actingServer, planView } from "#lib/store/recovery/plan-view.ts";
import { requireServer } from "#lib/store/settings/require-policy.ts";
import { auditAs } from "../audit-as.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";

export type PlanRestoreInput = z.input<typeof restoreRequest>;

/** A dry run on the target's host (of a new server: the source's); what comes back is stored, so that exactly this and nothing else can be started. */
export async function planRestore(context: ServiceContext, input: PlanRestoreInput): Promise<PlanOutcome> {
  await permit(context, "restore.plan");
  const request = parseInput(restoreRequest, input);
  const { db, queue, clock, actor } = context;
  const set = await requireSet(db, request.setId, actor.role);
  const target = await requireServer(db, actingServer(request));
  await permit(context, "restore.plan", target.environment, request.setId);
  const result = await queue.ask(planJob, target.hostName, { request }, 60_000);
  const audit = auditAs(context, { action: "restore.plan", subject: set.id, detail: { request, ok: result.ok, ...(result.ok ? { planId: result.plan.planId, hash: result.plan.hash } : { faults: result.faults.map((fault) => fault.code) }) } });
  if (!result.ok) {
    await transaction(db, (tx) => appendAudit(tx, audit));
    return { ok: false, faults: result.faults };
  }
  const { plan } = result;
  const row = await transaction(db, async (tx) => {
    const created = await tx.restorePlan.create({
      data: { id: plan.planId, hash: plan.hash, request: { ...plan.request }, plan: { ...plan }, requestedBy: actor.email, createdAt: new Date(plan.createdAt), expiresAt: new Date(plan.expiresAt) },
    });
    await appendAudit(tx, audit);
    return created;
  });
  return { ok: true, plan: planView(row, actor.role, clock.now()) };
}
