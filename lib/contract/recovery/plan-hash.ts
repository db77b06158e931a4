import { createHash } from "node:crypto";
import { canonicalJson } from "../manifest/canonical.ts";

/** What a plan is bound to: when any of it changes, the plan no longer holds. */
export interface PlanBinding {
  readonly request: unknown;
  readonly manifestSha256: string;
  readonly artifacts: readonly string[];
  /** What stands on the target where the restore will write. */
  readonly target: unknown;
}

/** SHA-256 of the canonical JSON, hex. */
export function planHash(binding: PlanBinding): string {
  return hashOf(binding);
}

/** The same of anything that a plan is bound to. */
export function hashOf(binding: unknown): string {
  return createHash("sha256").update(canonicalJson(binding)).digest("hex");
}
