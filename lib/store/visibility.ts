import { type Role, seesEnvironment } from "#lib/domain/access/permissions.ts";

const ENVIRONMENTS = ["production", "staging", "test"] as const;

/** Filter for rows with an `environment`: what the role may see. Rows without one (whole-host work) are hidden from the restricted. */
export function visibleTo(role: Role): { environment?: { in: string[] } } {
  const seen = ENVIRONMENTS.filter((environment) => seesEnvironment(role, environment));
  return seen.length === ENVIRONMENTS.length ? {} : { environment: { in: seen } };
}
