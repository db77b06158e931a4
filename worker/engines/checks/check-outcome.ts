import type { Difference } from "#lib/contract/manifest/verification.ts";

/** What a check after a restore looked at, and what is not right. */
export interface CheckOutcome {
  /** Tables, views, keys or assertions that were checked. */
  readonly checked: number;
  readonly differences: Difference[];
}

/** The first line of what a server says, without row data: duplicate values in messages are cut out. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/(Duplicate entry )'.*?'( for key)/s, "$1…$2").split("\n", 1)[0]?.slice(0, 300) ?? "";
}

/** Did the connection itself die? Then nothing was checked, and the error must not pass for a finding. */
export function isConnectionLoss(error: unknown): boolean {
  return error instanceof Error && "fatal" in error && error.fatal === true;
}
