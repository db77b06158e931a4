import type { SchemaEntry } from "#lib/contract/manifest/manifest.ts";
import { artifactPart, BODY_MARK } from "#lib/domain/backup/artifact-names.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { decideLeftOut, type LeftOut, type SetObject } from "#lib/domain/recovery/left-out.ts";
import { findReferences, referencedSchemas, schemasOf, withOwnTriggerHeaders, withReferencesTo } from "#lib/domain/recovery/references.ts";
import { splitStatements } from "#lib/domain/recovery/statements.ts";
import { storedObject } from "#lib/domain/recovery/stored-object.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import { type DefinerRights, readDefinerRights } from "#worker/engines/server/definer-rights.ts";
import type { LoadableArtifact } from "#worker/engines/load/load-artifact.ts";
import { listed } from "./left-out-faults.ts";
import type { TargetState } from "./target-state.ts";

export interface RenamingRestore {
  /** Definitions of the set, in scope. */
  readonly artifacts: readonly LoadableArtifact[];
  readonly schemas: readonly SchemaEntry[];
  /** Chosen tables; null = all. */
  readonly tables: readonly string[] | null;
  /** Old schema name → name on the target. */
  readonly names: Readonly<Record<string, string>>;
  readonly access: ServerAccess;
  readonly target: TargetState;
}

export interface RenamingFindings {
  readonly leftOut: readonly LeftOut[];
  /** Routines, triggers and events that will be there and fail when they are used: their definers may nothing under the new name. Tables whose foreign keys point at the originals. Faults DEFINER_LACKS_RIGHTS_LATER, COPY_HOLDS_ORIGINAL. */
  readonly warnings: readonly Fault[];
}

/**
 * Reads every definition that would get another schema name, before anything is loaded. Tables that name a renamed schema otherwise than in a foreign key (a default out of a sequence) are never left out: Fault
 * RENAME_REFUSED_TABLES. Of the rest the caller decides whether it may be left out.
 */
export async function findLeftOut(restore: RenamingRestore): Promise<RenamingFindings> {
  const renamed = Object.entries(restore.names).flatMap(([from, to]) => (from === to ? [] : [from]));
  const objects: SetObject[] = [];
  const held: Fault[] = [];
  for (const artifact of restore.artifacts) {
    const part = artifactPart(artifact.name);
    const schema = artifact.schema;
    if (schema === undefined || !READ_PARTS.has(part ?? "")) continue;
    const sql = await bodyOf(artifact);
    if (part === "tables") {
      requireFreeTables(restore, sql, renamed);
      held.push(...heldOriginals(restore, sql));
    } else objects.push(...objectsIn(part === "triggers" ? withOwnTriggerHeaders(sql, schema) : sql, schema, renamed, restore.schemas));
  }
  if (objects.length === 0) return { leftOut: [], warnings: held };
  const rights = await rightsOf(restore, objects);
  const tables = new Map(restore.schemas.map(({ name, tables: list, sequences }) => [name, new Set([...list, ...sequences].map((table) => table.name))]));
  const present = (name: string): boolean => restore.target.schemas.some((schema) => schema === name || (restore.target.server.lowerCaseTableNames !== 0 && schema.toLowerCase() === name.toLowerCase()));
  const leftOut = decideLeftOut({ objects, names: restore.names, isTable: (schema, name) => tables.get(schema)?.has(name) ?? false, isPresent: present, may: rights });
  return { leftOut, warnings: [...held, ...laterFailures(restore, objects, leftOut, rights)] };
}

/** Views once: their stand-ins and check options name them again. */
const READ_PARTS: ReadonlySet<string> = new Set(["tables", "routines", "views", "triggers", "events"]);

async function bodyOf(artifact: LoadableArtifact): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await artifact.open()) chunks.push(chunk as Buffer);
  const sql = Buffer.concat(chunks).toString("utf8");
  return sql.slice(sql.indexOf(BODY_MARK));
}

function requireFreeTables({ names, tables }: RenamingRestore, sql: string, renamed: readonly string[]): void {
  const stopping = findReferences(withReferencesTo(sql, names), renamed).filter(({ object }) => tables === null || !object.startsWith("table ") || tables.includes(object.slice("table ".length)));
  const [first] = stopping;
  if (first) throw new Fault("RENAME_REFUSED_TABLES", { params: { schema: first.schema, newName: names[first.schema] ?? "", objects: listed(stopping.map(({ object }) => object)) } });
}

/** Tables with foreign keys into schemas that are not restored: their rows would forbid changes there. */
function heldOriginals({ names, tables }: RenamingRestore, sql: string): Fault[] {
  const referring = new Map<string, string[]>();
  for (const { text } of splitStatements(sql)) {
    const { kind, name } = storedObject(text);
    if (kind !== "table" || (tables !== null && !tables.includes(name))) continue;
    for (const schema of referencedSchemas(text)) if (!Object.hasOwn(names, schema)) referring.set(schema, [...(referring.get(schema) ?? []), name]);
  }
  return [...referring].map(([schema, list]) => new Fault("COPY_HOLDS_ORIGINAL", { params: { schema, objects: listed(list) } }));
}

function objectsIn(sql: string, schema: string, renamed: readonly string[], schemas: readonly SchemaEntry[]): SetObject[] {
  const unreadable = new Set(schemas.find(({ name }) => name === schema)?.views.flatMap((view) => (view.unreadable === undefined ? [] : [view.name])));
  return splitStatements(sql).flatMap(({ text }) => {
    const object = storedObject(text);
    if (object.kind === "statement") return [];
    return [{ ...object, schema, namesRenamed: schemasOf(text, renamed), ...(object.kind === "view" && unreadable.has(object.name) ? { unreadable: true } : {}) }];
  });
}

async function rightsOf({ access, target }: RenamingRestore, objects: readonly SetObject[]): Promise<DefinerRights> {
  const definers = objects.flatMap(({ definer }) => definer ?? []);
  const connection = await connect(access);
  try {
    return await readDefinerRights(connection, target.server.flavor, definers);
  } finally {
    connection.destroy();
  }
}

/** Nothing is known of what a routine needs beyond the right to be in its schema: SELECT stands for it. */
function laterFailures({ names }: RenamingRestore, objects: readonly SetObject[], leftOut: readonly LeftOut[], may: DefinerRights): Fault[] {
  const out = new Set(leftOut.map(({ schema, kind, name }) => `${schema}\0${kind}\0${name}`));
  const failing = new Map<string, { definer: string; schema: string; objects: string[] }>();
  for (const { schema, kind, name, definer, invoker } of objects) {
    const newName = names[schema] ?? schema;
    if (kind === "view" || invoker || definer === null || out.has(`${schema}\0${kind}\0${name}`) || may(definer, "SELECT", newName, name)) continue;
    const key = `${definer}\0${newName}`;
    failing.set(key, { definer, schema: newName, objects: [...(failing.get(key)?.objects ?? []), `${kind} ${name}`] });
  }
  return [...failing.values()].map(({ definer, schema, objects: list }) => new Fault("DEFINER_LACKS_RIGHTS_LATER", { params: { definer, newName: schema, objects: listed(list) } }));
}
