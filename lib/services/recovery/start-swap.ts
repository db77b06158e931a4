import { z } from "zod";
import { swapRun } from "#lib/contract/jobs/runs.ts";
import { runId, sha256Hex } from "#lib/contract/names.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { newId } from "#lib/platform/ids.ts";
import { appendAudit } from "#lib/store/audit/append-audit.ts";
import { transaction } from "#lib/store/open-database.ts";
import { queueRun } from "#lib/store/run/queue-run.ts";
import { requireIdle } from "#lib/store/run/require-idle.ts";
import { requireServer } from "#lib/store/settings/require-policy.ts";
import { auditAs } from "../audit-as.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";
import { sendRun } from "../send-run.ts";
import { readSwapPlan } from "./read-swap-plan.ts";

export const startSwapInput = z.object({
  planId: runId,
  /** The hash the person saw and confirmed. */
  hash: sha256Hex,
  typedName: z.string().max(200).optional(),
});

/**
 * Starts exactly the confirmed swap, once.
 * @throws Fault PLAN_CHANGED (other hash, or started already), PLAN_EXPIRED, TYPED_NAME_WRONG, RUN_ALREADY_ACTIVE, FORBIDDEN
 */
export async function startSwap(context: ServiceContext, input: z.input<typeof startSwapInput>): Promise<{ runId: string }> {
  await permit(context, "restore.swap");
  const { planId, hash, typedName } = parseInput(startSwapInput, input);
  const { db, queue, clock, actor } = context;
  const { plan, expired } = await readSwapPlan(context, { id: planId });
  const target = await requireServer(db, plan.target.server);
  await permit(context, "restore.swap", target.environment, planId);
  if (plan.hash !== hash) throw new Fault("PLAN_CHANGED", { params: { change: "the confirmed hash is another" } });
  if (expired) throw new Fault("PLAN_EXPIRED", { params: { minutes: Math.round((Date.parse(plan.expiresAt) - Date.parse(plan.createdAt)) / 60_000) } });
  if (typedName !== plan.typedName) throw new Fault("TYPED_NAME_WRONG", { params: { expected: plan.typedName } });
  await queue.ping();
  const now = clock.now();
  const id = newId(now);
  await transaction(db, async (tx) => {
    await requireIdle(tx, target.name, ["restore", "swap"]);
    const taken = await tx.restorePlan.updateMany({ where: { id: planId, runId: null }, data: { runId: id } });
    if (taken.count !== 1) throw new Fault("PLAN_CHANGED", { params: { change: "it was started already" } });
    await queueRun(tx, { id, kind: "swap", trigger: "manual", host: target.hostName, server: target.name, environment: target.environment, policy: null, setId: null, requestedBy: actor.email, at: new Date(now) });
    await appendAudit(tx, auditAs(context, { action: "swap.start", subject: id, detail: { planId, hash, request: plan.request } }));
  });
  await sendRun(context, swapRun, target.hostName, id, { runId: id, trigger: "manual", requestedBy: actor.email, plan, typedName });
  return { runId: id };
}
