import { z } from "zod";
import { restoreRun } from "#lib/contract/jobs/runs.ts";
import { runId, sha256Hex } from "#lib/contract/names.ts";
import { restorePlan } from "#lib/contract/recovery/restore.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { newId } from "#lib/platform/ids.ts";
import { appendAudit } from "#lib/store/audit/append-audit.ts";
import { transaction } from "#lib/store/open-database.ts";
import { actingServer, startAction } from "#lib/store/recovery/plan-view.ts";
import { queueRun } from "#lib/store/run/queue-run.ts";
import { requireIdle } from "#lib/store/run/require-idle.ts";
import { requireServer } from "#lib/store/settings/require-policy.ts";
import { auditAs } from "../audit-as.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";
import { sendRun } from "../send-run.ts";

export const startRestoreInput = z.object({
  planId: runId,
  /** The hash the person saw and confirmed. */
  hash: sha256Hex,
  /** In place only. */
  typedName: z.string().max(200).optional(),
});

/**
 * Starts exactly the confirmed plan, once.
 * @throws Fault PLAN_CHANGED (other hash, or started already), PLAN_EXPIRED, TYPED_NAME_WRONG, RUN_ALREADY_ACTIVE, FORBIDDEN
 */
export async function startRestore(context: ServiceContext, input: z.input<typeof startRestoreInput>): Promise<{ runId: string }> {
  await permit(context, "restore.plan");
  const { planId, hash, typedName } = parseInput(startRestoreInput, input);
  const { db, queue, clock, actor } = context;
  const row = await db.restorePlan.findUnique({ where: { id: planId } });
  const parsed = restorePlan.safeParse(row?.plan);
  if (!row || !parsed.success) throw new Fault("NOT_FOUND", { params: { kind: "plan", id: planId } });
  const { data: plan } = parsed;
  const target = await requireServer(db, actingServer(plan.request));
  await permit(context, startAction(plan), target.environment, planId);
  if (row.hash !== hash) throw new Fault("PLAN_CHANGED", { params: { change: "the confirmed hash is another" } });
  const now = clock.now();
  if (row.expiresAt.getTime() <= now) {
    throw new Fault("PLAN_EXPIRED", { params: { minutes: Math.round((row.expiresAt.getTime() - row.createdAt.getTime()) / 60_000) } });
  }
  if (plan.typedName !== null && typedName !== plan.typedName) throw new Fault("TYPED_NAME_WRONG", { params: { expected: plan.typedName } });
  await queue.ping();
  const id = newId(now);
  await transaction(db, async (tx) => {
    await requireIdle(tx, target.name, ["restore", "swap"]);
    const taken = await tx.restorePlan.updateMany({ where: { id: planId, runId: null }, data: { runId: id } });
    if (taken.count !== 1) throw new Fault("PLAN_CHANGED", { params: { change: "it was started already" } });
    await queueRun(tx, { id, kind: "restore", trigger: "manual", host: target.hostName, server: target.name, environment: target.environment, policy: null, setId: plan.request.setId, requestedBy: actor.email, at: new Date(now) });
    await appendAudit(tx, auditAs(context, { action: "restore.start", subject: id, detail: { planId, hash, request: plan.request, inPlace: plan.typedName !== null } }));
  });
  await sendRun(context, restoreRun, target.hostName, id, { runId: id, trigger: "manual", requestedBy: actor.email, plan, ...(typedName === undefined ? {} : { typedName }) });
  return { runId: id };
}
