/** The part of an audit entry that its hash covers. `detail` is canonical JSON text. */
export interface AuditContent {
  /** From 1, without holes. */
  readonly sequence: number;
  /** ISO-8601 UTC, milliseconds. */
  readonly at: string;
  readonly actor: string;
  readonly role: string | null;
  readonly address: string | null;
  readonly action: string;
  readonly subject: string;
  readonly outcome: string;
  readonly detail: string;
}

export interface ChainedEntry extends AuditContent {
  readonly previous: string;
  readonly hash: string;
}

/** `previous` of the first entry. */
export const CHAIN_START = "0".repeat(64);

/** What is hashed: the previous hash and the fields as a JSON array, so that no two entries share a text. Documented in docs/audit.md. */
export function chainText(previous: string, entry: AuditContent): string {
  return JSON.stringify([previous, entry.sequence, entry.at, entry.actor, entry.role, entry.address, entry.action, entry.subject, entry.outcome, entry.detail]);
}

export type LinkProblem = "gap" | "link" | "hash";

/** State of a check that walks the chain in order. */
export interface ChainWalk {
  readonly entries: number;
  readonly head: string;
}

export const WALK_START: ChainWalk = { entries: 0, head: CHAIN_START };

/**
 * One step of the check.
 * @param sha256 hex digest of a text; handed in because the domain does no I/O and holds no crypto
 * @returns the next state, or what is wrong with this entry: a number left out, a wrong predecessor, or changed content
 */
export function stepChain(walk: ChainWalk, entry: ChainedEntry, sha256: (text: string) => string): { ok: true; walk: ChainWalk } | { ok: false; problem: LinkProblem } {
  if (entry.sequence !== walk.entries + 1) return { ok: false, problem: "gap" };
  if (entry.previous !== walk.head) return { ok: false, problem: "link" };
  if (sha256(chainText(entry.previous, entry)) !== entry.hash) return { ok: false, problem: "hash" };
  return { ok: true, walk: { entries: entry.sequence, head: entry.hash } };
}
