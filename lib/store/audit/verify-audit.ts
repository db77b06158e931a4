import { canonicalJson } from "#lib/contract/manifest/canonical.ts";
import type { AuditVerdict } from "#lib/contract/views/people.ts";
import { stepChain, WALK_START } from "#lib/domain/audit/chain.ts";
import type { Store } from "../open-database.ts";
import { sha256Hex } from "./append-audit.ts";

/** Walks the whole trail, oldest first, in batches; stops at the first entry that does not fit. Entries cut off at the end are found only by comparing the head with one written down elsewhere. */
export async function verifyAudit(db: Store, batch = 2000): Promise<AuditVerdict> {
  let walk = WALK_START;
  for (;;) {
    const entries = await db.auditEntry.findMany({ where: { sequence: { gt: walk.entries } }, orderBy: { sequence: "asc" }, take: batch });
    for (const entry of entries) {
      const step = stepChain(walk, { ...entry, sequence: Number(entry.sequence), at: entry.at.toISOString(), detail: canonicalJson(entry.detail) }, sha256Hex);
      if (!step.ok) return { ok: false, entries: walk.entries, head: walk.head, brokenAt: Number(entry.sequence), problem: step.problem };
      walk = step.walk;
    }
    if (entries.length < batch) return { ok: true, entries: walk.entries, head: walk.head };
  }
}
