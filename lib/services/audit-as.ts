import type { AuditAction } from "#lib/domain/audit/action-words.ts";
import type { AuditDraft } from "#lib/store/audit/append-audit.ts";
import type { ServiceContext } from "./context.ts";

/** An audit entry in the name of the actor, now. */
export function auditAs(context: ServiceContext, entry: { action: AuditAction; subject: string; outcome?: AuditDraft["outcome"]; detail?: Record<string, unknown> }): AuditDraft {
  const { actor, clock } = context;
  return {
    at: new Date(clock.now()),
    actor: actor.email,
    role: actor.role,
    address: actor.address,
    action: entry.action,
    subject: entry.subject,
    outcome: entry.outcome ?? "done",
    detail: entry.detail ?? {},
  };
}
