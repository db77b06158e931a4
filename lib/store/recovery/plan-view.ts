import type { RestorePlan as Plan } from "#lib/contract/recovery/restore.ts";
import type { PlanView } from "#lib/contract/views/recovery.ts";
import { type Action, isAllowed, type Role } from "#lib/domain/access/permissions.ts";
import type { RestorePlan } from "../generated/client.ts";

/** @param now milliseconds since the epoch */
export function planView(row: RestorePlan, role: Role, now: number): PlanView {
  const plan = row.plan as unknown as Plan;
  const expired = row.expiresAt.getTime() <= now;
  return {
    plan,
    requestedBy: row.requestedBy,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    expired,
    runId: row.runId,
    canStart: !expired && row.runId === null && isAllowed(role, startAction(plan), plan.target.environment),
  };
}

/** In place replaces data and is for fewer people. */
export function startAction(plan: Plan): Action {
  return plan.request.target.kind === "in-place" ? "restore.run-in-place" : "restore.run-beside";
}
