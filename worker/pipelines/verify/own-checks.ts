import type { Assertion } from "#lib/contract/config/server.ts";
import type { SchemaEntry } from "#lib/contract/manifest/manifest.ts";
import type { RestoreRequest } from "#lib/contract/recovery/restore.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { checksOfRestore } from "#lib/domain/recovery/own-checks.ts";
import { runAssertions } from "#worker/engines/checks/run-assertions.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";

/** The own checks of a server; none where its settings are not on this host. */
export function assertionsOf(host: HostRuntime, server: string): Assertion[] {
  return host.settings.servers.find(({ name }) => name === server)?.assertions ?? [];
}

/** The own checks that judge a restore, of the server whose backup it is, unless it is to go without. */
export function checksOf(host: HostRuntime, request: RestoreRequest): Assertion[] {
  return request.ownChecks === false ? [] : checksOfRestore(assertionsOf(host, request.server), request);
}

/** Runs own checks and tells of them. `schemas`: those that a name without a schema can mean. Faults: `fault` with the first that failed, ASSERTION_SCHEMA_MISSING. */
export async function requireChecks(context: Pick<RunContext, "log">, access: ServerAccess, { checks, schemas, fault }: { readonly checks: readonly Assertion[]; readonly schemas: readonly string[]; readonly fault: "OWN_CHECK_FAILED" | "SWAP_CHECK_FAILED" }): Promise<void> {
  const { differences } = await runAssertions(access, checks, schemas);
  const [first] = differences;
  if (first) throw new Fault(fault, { params: { assertion: first.object, expected: first.expected, found: first.found }, detail: differences.map(({ object, expected, found }) => `${object}\t${expected}\t${found}`).join("\n") });
  if (checks.length > 0) context.log("info", `own checks passed: ${checks.map(({ name }) => name).join(", ")}`);
}

/** Own checks as a plan shows them, for a person who runs them by hand. */
export function checkCommands(checks: readonly Assertion[]): string[] {
  return checks.map(({ name, schema, sql, expect }) => `${schema === undefined ? "" : `USE ${schema}; `}${sql.trim()} -- ${name}: ${expect}`);
}

/** Those that a name without a schema can mean. */
export function schemasWithTables({ schemas }: { readonly schemas: readonly SchemaEntry[] }): string[] {
  return schemas.flatMap(({ name, tables }) => (tables.length > 0 ? [name] : []));
}
