import { createHash } from "node:crypto";
import { canonicalJson } from "#lib/contract/manifest/canonical.ts";
import type { AuditAction } from "#lib/domain/audit/action-words.ts";
import { CHAIN_START, chainText } from "#lib/domain/audit/chain.ts";
import type { Transaction } from "../open-database.ts";

export interface AuditDraft {
  readonly at: Date;
  /** E-mail of a person, or `controller`, `worker:<host>`, `cli`. */
  readonly actor: string;
  readonly role: string | null;
  readonly address: string | null;
  readonly action: AuditAction;
  /** What it is about: a run, set, server, user … */
  readonly subject: string;
  readonly outcome: "done" | "refused" | "failed";
  /** Never secrets. */
  readonly detail: Record<string, unknown>;
}

/** Any fixed number: writers of the trail queue up on it until their transaction ends. */
const CHAIN_LOCK = 7_262_025;

export function sha256Hex(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/**
 * Appends to the trail inside the transaction of the change it tells of: both happen or neither.
 * Writers are serialised by an advisory lock held to the end of the transaction, so call it last.
 */
export async function appendAudit(tx: Transaction, draft: AuditDraft): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${CHAIN_LOCK})`;
  const last = await tx.auditEntry.findFirst({ orderBy: { sequence: "desc" }, select: { sequence: true, hash: true } });
  const previous = last?.hash ?? CHAIN_START;
  const sequence = Number(last?.sequence ?? 0n) + 1;
  const detail = canonicalJson(draft.detail);
  const hash = sha256Hex(chainText(previous, { ...draft, sequence, at: draft.at.toISOString(), detail }));
  await tx.auditEntry.create({ data: { ...draft, sequence, detail: JSON.parse(detail), previous, hash } });
}
