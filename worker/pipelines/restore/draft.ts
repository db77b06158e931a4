import type { Manifest, SchemaEntry } from "#lib/contract/manifest/manifest.ts";
import type { Assertion } from "#lib/contract/config/server.ts";
import { partsOf } from "#lib/contract/manifest/parts.ts";
import type { PlanBinding } from "#lib/contract/recovery/plan-hash.ts";
import type { RestoreRequest } from "#lib/contract/recovery/restore.ts";
import { artifactPart } from "#lib/domain/backup/artifact-names.ts";
import { isPhysical } from "#lib/domain/backup/methods.ts";
import { Fault, type FaultRecord, faultRecord } from "#lib/domain/fault/fault.ts";
import type { LeftOut } from "#lib/domain/recovery/left-out.ts";
import { nameClashes } from "#lib/domain/recovery/schema-names.ts";
import { selectArtifacts } from "#lib/domain/recovery/select-scope.ts";
import { requireAssertionSchemas } from "#worker/engines/checks/run-assertions.ts";
import { series } from "#worker/engines/server/identify.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import { accessOf } from "#worker/host/access.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import { requireRoom as requireFree } from "#worker/host/require-room.ts";
import { type HostRuntime, requireServer } from "#worker/host/runtime.ts";
import { type AnyCopy, copiesUntold } from "#worker/pipelines/catalog/any-copy.ts";
import { ownFirst } from "#worker/pipelines/catalog/fetch-artifact.ts";
import { loadableArtifacts } from "#worker/pipelines/catalog/loadable-artifacts.ts";
import { readSetAnywhere, type StoredSet } from "#worker/pipelines/catalog/read-set.ts";
import { requireUnpackPrograms, unpackedBytes } from "#worker/pipelines/catalog/unpack-set.ts";
import { checksOf, schemasWithTables } from "#worker/pipelines/verify/own-checks.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { isAccountPart } from "./account-part.ts";
import { findLeftOut, type RenamingFindings } from "./find-left-out.ts";
import { replayBytes } from "./instant/replay-onto.ts";
import { withSearchFolder } from "./instant/search-folder.ts";
import { leftOutWarnings, refusal } from "./left-out-faults.ts";
import { readTarget, type TargetState } from "./target-state.ts";

/** All that a restore will do, found out anew when it is planned and again when it starts. */
export interface Draft {
  readonly request: RestoreRequest;
  readonly set: StoredSet;
  /** Open adapters, the one that is read from first. To be closed by who asked for the draft. */
  readonly destinations: readonly Destination[];
  readonly artifacts: readonly string[];
  readonly schemas: readonly SchemaEntry[];
  /** Chosen tables; null = all. */
  readonly tables: readonly string[] | null;
  /** Old schema name → final name. */
  readonly names: Readonly<Record<string, string>>;
  readonly access: ServerAccess;
  readonly environment: string;
  readonly target: TargetState;
  /** Objects that cannot stand under another name, and what needs them. */
  readonly leftOut: readonly LeftOut[];
  /** Own checks that the restored data must pass. */
  readonly checks: readonly Assertion[];
  readonly warnings: readonly FaultRecord[];
  readonly binding: PlanBinding;
}

/** Reads set and target and decides. Every reason against it is a Fault; the first is thrown. `copies`: is told of those that gave way. */
export async function draftRestore(host: HostRuntime, request: RestoreRequest, signal: AbortSignal, copies = copiesUntold(host)): Promise<Draft> {
  const config = requireServer(host.settings, request.target.server);
  if (!config.restoreTarget) {
    throw new Fault("TARGET_NOT_ALLOWED", { params: { server: config.name } });
  }
  const destinations = openDestinations(host, request.destination ? [request.destination] : host.settings.destinations.map(({ name }) => name));
  try {
    const set = await readSetAnywhere(host, destinations, request.server, request.setId, copies);
    const { manifest } = set.signed;
    if (isPhysical(manifest)) await requireUnpackable(host, manifest, request.boundary);
    const selection = selectArtifacts(manifest, request.scope);
    if (!selection.ok) throw new Fault("SCOPE_UNKNOWN", { params: { name: selection.unknown.join(", ") } });
    const names = namesOf(request, selection.schemas);
    const access = await accessOf(config, host.identity, "restore");
    const inPlace = request.target.kind === "in-place";
    const target = await readTarget(access, config.name, { schemas: inPlace ? selection.schemas : [], tables: selection.tables });
    requireFitting(manifest, target);
    // Accounts of a server that is in use are never touched; of a replayed instant there are none.
    const chosen = isPhysical(manifest) ? partsOf(manifest).map(({ artifact }) => artifact.name) : selection.artifacts;
    const artifacts = chosen.filter((name) => !(isAccountPart(name) && (request.target.kind !== "server" || request.boundary)));
    const taken = inPlace ? [] : Object.values(names).filter((name) => target.schemas.some((schema) => sameName(schema, name, target)));
    if (taken.length > 0) throw new Fault("TARGET_NOT_EMPTY", { params: { name: taken.join(", ") } });
    if (target.crossingKeys.length > 0) throw new Fault("TARGET_REFERENCED", { params: { keys: target.crossingKeys.slice(0, 10).join(", ") } });
    const inTheWay = target.replaced.schemas.flatMap(({ name, views }) => views.filter((view) => selection.tables?.includes(view.name)).map((view) => `view ${name}.${view.name}`));
    if (inTheWay.length > 0) throw new Fault("TARGET_NAME_TAKEN", { params: { objects: inTheWay.join(", ") } });
    const checks = checksOf(host, request);
    const draft = { request, set, destinations, artifacts, names, access, target, checks, tables: selection.tables, environment: config.environment };
    const schemas = manifest.inventory.schemas.filter(({ name }) => selection.schemas.includes(name));
    requireRoom(schemas, target);
    await requireAssertionSchemas(access, checks, schemasWithTables({ schemas }));
    const found = await leftOutOf(host, draft, schemas, { signal, copies });
    return { ...draft, schemas, leftOut: found.leftOut, warnings: warningsOf(draft, schemas, found), binding: bindingOf(draft, found) };
  } catch (error) {
    await Promise.allSettled(destinations.map((destination) => destination.close()));
    throw error;
  }
}

/** Beside the unpacked files: redo log, temporary tables. Bytes. */
const MARGIN = 512 * 1024 * 1024;

/** Data files become SQL in an isolated server on this host. Faults PHYSICAL_SERIES, TOOL_MISSING, DISK_SPACE. */
async function requireUnpackable(host: HostRuntime, manifest: Manifest, boundary: RestoreRequest["boundary"]): Promise<void> {
  await requireUnpackPrograms(host, manifest);
  await requireFree(host.folders.sandbox, unpackedBytes(manifest) + replayBytes(boundary) + MARGIN);
}

function namesOf(request: RestoreRequest, schemas: readonly string[]): Record<string, string> {
  const { target } = request;
  if (target.kind !== "beside") return Object.fromEntries(schemas.map((name) => [name, name]));
  const unnamed = schemas.filter((name) => !Object.hasOwn(target.names, name));
  const names = Object.fromEntries(schemas.map((name) => [name, target.names[name] ?? name]));
  const clashes = nameClashes(names);
  const strange = Object.values(names).filter((name) => name.endsWith(" ") || /^(mysql|sys|information_schema|performance_schema)$/i.test(name));
  const wrong = [...unnamed, ...clashes, ...strange];
  if (wrong.length > 0) throw new Fault("INPUT_INVALID", { params: { fields: `names: ${[...new Set(wrong)].join(", ")}` } });
  return names;
}

function requireFitting({ server }: Manifest, { server: target }: TargetState): void {
  const [from, to] = [series(server.version), series(target.version)];
  if (server.flavor !== target.flavor || to[0] < from[0] || (to[0] === from[0] && to[1] < from[1])) {
    throw new Fault("TARGET_TOO_OLD", { params: { target: `${target.flavor} ${target.version}`, source: `${server.flavor} ${server.version}` } });
  }
}

function requireRoom(schemas: readonly SchemaEntry[], { freeBytes }: TargetState): void {
  const needed = Math.ceil(schemas.reduce((sum, { tables }) => sum + tables.reduce((n, { dataBytes }) => n + dataBytes, 0), 0) * 1.3);
  if (freeBytes !== null && freeBytes < needed) {
    throw new Fault("DISK_SPACE", { params: { path: "the target's data folder", free: `${Math.floor(freeBytes / 1e6)} MB`, needed: `${Math.ceil(needed / 1e6)} MB` } });
  }
}

type Found = Omit<Draft, "schemas" | "leftOut" | "warnings" | "binding">;

/** Definitions that cannot stand under another name. Fault RENAME_REFUSED_TABLES; unless they may be left out, those of `refusal`. */
async function leftOutOf(host: HostRuntime, draft: Found, schemas: readonly SchemaEntry[], { signal, copies }: { readonly signal: AbortSignal; readonly copies: AnyCopy }): Promise<RenamingFindings> {
  const { request, names, access, target, tables } = draft;
  // Definitions in data files are read once a server has started on them.
  if (request.target.kind !== "beside" || isPhysical(draft.set.signed.manifest)) return { leftOut: [], warnings: [] };
  const found = await withSearchFolder(host, async (folder) => {
    const artifacts = await loadableArtifacts(host, draft.set, signal, { copies, destinations: ownFirst(draft.set, draft.destinations), folder });
    return findLeftOut({ artifacts: artifacts.filter(({ name }) => draft.artifacts.includes(name)), schemas, tables, names, access, target });
  });
  const refused = request.target.leaveOutReferencing ? null : refusal(found.leftOut, names);
  if (refused) throw refused;
  return found;
}

function warningsOf({ request, target, set, artifacts, names }: Found, schemas: readonly SchemaEntry[], found: RenamingFindings): FaultRecord[] {
  const warnings: Fault[] = [];
  const differs = (name: string, expected: string | number, actual: string | number): void => {
    if (expected !== actual) warnings.push(new Fault("TARGET_DIFFERS", { params: { name, expected: expected === "" ? "''" : expected, found: actual === "" ? "''" : actual } }));
  };
  const source = set.signed.manifest.server;
  if (target.refusesFunctions && schemas.some(({ functions }) => functions.length > 0) && artifacts.some((name) => artifactPart(name) === "routines")) warnings.push(new Fault("TARGET_REFUSES_FUNCTIONS"));
  differs("lower_case_table_names", source.lowerCaseTableNames, target.server.lowerCaseTableNames);
  differs("sql_mode", source.sqlMode, target.server.sqlMode);
  if (request.boundary && request.target.kind === "server") warnings.push(new Fault("INSTANT_WITHOUT_ACCOUNTS", { params: { server: request.target.server } }));
  if (isPhysical(set.signed.manifest)) warnings.push(new Fault("PHYSICAL_THROUGH_SQL", { params: { set: set.signed.manifest.id } }));
  warnings.push(...leftOutWarnings(found.leftOut, names), ...found.warnings);
  if (set.verification?.level !== "proven") warnings.push(new Fault("SET_NOT_PROVEN", { params: { level: set.verification?.level ?? "completed" } }));
  return warnings.map(faultRecord);
}

function bindingOf(draft: Found, { leftOut }: RenamingFindings): PlanBinding {
  const { target } = draft;
  return {
    request: draft.request,
    manifestSha256: draft.set.manifestSha256,
    artifacts: draft.artifacts,
    target: {
      uuid: target.server.uuid,
      version: target.server.version,
      ...(draft.checks.length > 0 ? { checks: draft.checks } : {}),
      // Grants of definers may change between plan and run.
      leftOut: leftOut.map(({ schema, kind, name }) => `${schema} ${kind} ${name}`),
      replaced: target.replaced.schemas.map(({ name, tables }) => ({ name, tables: tables.map((table) => `${table.name} ${table.structure}`) })),
    },
  };
}

function sameName(a: string, b: string, { server }: TargetState): boolean {
  return server.lowerCaseTableNames === 0 ? a === b : a.toLowerCase() === b.toLowerCase();
}
