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

/** In place, and where a data directory is exchanged, data are replaced; a new server comes with all its accounts: all for fewer people. */
export function startAction({ request: { target } }: Plan): Action {
  if (target.kind === "instance") return "restore.run-instance";
  return target.kind === "in-place" || target.kind === "replace" ? "restore.run-in-place" : "restore.run-beside";
}

/** The registered server whose host does it: a new server is made on the host of the one that it comes from. */
export function actingServer({ server, target }: Pick<Plan["request"], "server" | "target">): string {
  return target.kind === "instance" ? server : target.server;
}
