import { artifactPart } from "#lib/domain/backup/artifact-names.ts";

/** Artifacts that speak of accounts: who they are, what they may do. */
export function isAccountPart(name: string): boolean {
  const part = artifactPart(name);
  return part === "accounts" || part === "grants";
}
