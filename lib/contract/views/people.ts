import type { Role } from "#lib/domain/access/permissions.ts";

export interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly locale: string;
  readonly disabledAt: string | null;
  readonly lockedUntil: string | null;
  readonly lastLoginAt: string | null;
  readonly createdAt: string;
}

export interface AuditRow {
  /** Position in the chain, from 1. */
  readonly sequence: number;
  readonly at: string;
  readonly actor: string;
  readonly role: string | null;
  readonly address: string | null;
  /** `backup.run`, `restore.start`, `user.change` … */
  readonly action: string;
  readonly subject: string;
  readonly outcome: "done" | "refused" | "failed";
  readonly detail: Record<string, unknown>;
  readonly hash: string;
}

export interface AuditPage {
  readonly rows: readonly AuditRow[];
  readonly total: number;
  readonly page: number;
  readonly pageSize: number;
  readonly pages: number;
}

/** What a check of the whole chain found. `head` is the hash to write down outside the console. */
export type AuditVerdict =
  | { readonly ok: true; readonly entries: number; readonly head: string }
  | { readonly ok: false; readonly entries: number; readonly head: string; readonly brokenAt: number; readonly problem: "hash" | "link" | "gap" };
