import type { z } from "zod";
import { instant } from "#lib/contract/names.ts";
import type { AuditPage, AuditRow } from "#lib/contract/views/people.ts";
import { actionsSaying } from "#lib/domain/audit/action-words.ts";
import type { Prisma } from "#lib/store/generated/client.ts";
import { literally, pageFrame, pageInput, searchWords, skipTake } from "#lib/store/page.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";

export const listEntriesInput = pageInput.extend({
  from: instant.optional(),
  to: instant.optional(),
  /** In actor, action (its name, or its words in any language) or subject; any case. */
  text: searchWords,
});
export type ListEntriesInput = z.input<typeof listEntriesInput>;

/** A page of the audit trail, newest first. */
export async function listEntries(context: ServiceContext, input: ListEntriesInput): Promise<AuditPage> {
  await permit(context, "audit.view");
  const { from, to, text, ...page } = parseInput(listEntriesInput, input);
  const contains = { contains: literally(text), mode: "insensitive" } as const;
  const where: Prisma.AuditEntryWhereInput = {
    ...(from || to ? { at: { ...(from ? { gte: from } : {}), ...(to ? { lt: to } : {}) } } : {}),
    ...(text ? { OR: [{ actor: contains }, { action: contains }, { action: { in: [...actionsSaying(text)] } }, { subject: contains }] } : {}),
  };
  const [found, total] = await Promise.all([context.db.auditEntry.findMany({ where, orderBy: { sequence: "desc" }, ...skipTake(page) }), context.db.auditEntry.count({ where })]);
  const rows: AuditRow[] = found.map((entry) => ({
    sequence: Number(entry.sequence),
    at: entry.at.toISOString(),
    actor: entry.actor,
    role: entry.role,
    address: entry.address,
    action: entry.action,
    subject: entry.subject,
    outcome: entry.outcome as AuditRow["outcome"],
    detail: entry.detail as Record<string, unknown>,
    hash: entry.hash,
  }));
  return { rows, ...pageFrame(total, page) };
}
