import { type Action, allowedRoles, isAllowed } from "#lib/domain/access/permissions.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { appendAudit } from "#lib/store/audit/append-audit.ts";
import { transaction } from "#lib/store/open-database.ts";
import { auditAs } from "./audit-as.ts";
import type { ServiceContext } from "./context.ts";

/**
 * First line of every verb. A refusal is written to the audit trail.
 * @param environment of the server that the action touches; leave out where it touches none
 * @throws Fault FORBIDDEN
 */
export async function permit(context: ServiceContext, action: Action, environment?: string | null, subject = ""): Promise<void> {
  if (isAllowed(context.actor.role, action, environment)) return;
  await transaction(context.db, (tx) => appendAudit(tx, auditAs(context, { action, subject, outcome: "refused" })));
  throw new Fault("FORBIDDEN", { params: { action, roles: allowedRoles(action).join(", ") } });
}
