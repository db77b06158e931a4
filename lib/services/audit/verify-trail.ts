import type { AuditVerdict } from "#lib/contract/views/people.ts";
import { verifyAudit } from "#lib/store/audit/verify-audit.ts";
import type { ServiceContext } from "../context.ts";
import { permit } from "../permit.ts";

/** Checks the whole audit trail. */
export async function verifyTrail(context: ServiceContext): Promise<AuditVerdict> {
  await permit(context, "audit.view");
  return verifyAudit(context.db);
}
