import { artifactPart } from "../backup/artifact-names.ts";

/** What this needs to know of a set; a manifest fits. */
export interface ScopeSet {
  readonly artifacts: readonly ScopeFile[];
  /** Of a differential: the full that it builds on, with those of its files that belong to it. */
  readonly parent?: { readonly artifacts: readonly ScopeFile[] } | null;
  readonly inventory: { readonly schemas: readonly { readonly name: string; readonly tables: readonly { readonly name: string }[] }[] };
}

interface ScopeFile {
  readonly name: string;
  readonly schema?: string | undefined;
  readonly tables?: readonly string[] | undefined;
}

export type Scope =
  | { readonly kind: "server"; readonly accounts: boolean }
  | { readonly kind: "schemas"; readonly schemas: readonly string[] }
  | { readonly kind: "tables"; readonly schema: string; readonly tables: readonly string[] };

export type ScopeSelection =
  | { readonly ok: true; readonly artifacts: readonly string[]; readonly schemas: readonly string[]; /** Chosen tables; null = all. */ readonly tables: readonly string[] | null }
  | { readonly ok: false; readonly unknown: readonly string[] };

/**
 * The artifacts that a scope needs, those of a differential's full included, in loading order. Chosen tables bring their definition and rows only: no routine, view, trigger or event.
 * Names must be in the inventory exactly as written.
 */
export function selectArtifacts(set: ScopeSet, scope: Scope): ScopeSelection {
  const files = [...set.artifacts, ...(set.parent?.artifacts ?? [])];
  const names = files.map(({ name }) => name).sort();
  const schemas = set.inventory.schemas.map(({ name }) => name);
  if (scope.kind === "server") {
    return { ok: true, artifacts: names.filter((name) => scope.accounts || (artifactPart(name) !== "accounts" && artifactPart(name) !== "grants")), schemas, tables: null };
  }
  const wanted = scope.kind === "schemas" ? scope.schemas : [scope.schema];
  const unknown = wanted.filter((name) => !schemas.includes(name));
  const inScope = files.filter(({ schema }) => schema !== undefined && wanted.includes(schema));
  if (scope.kind === "schemas") {
    return unknown.length > 0 ? { ok: false, unknown } : { ok: true, artifacts: inScope.map(({ name }) => name).sort(), schemas: schemas.filter((name) => wanted.includes(name)), tables: null };
  }
  const known = new Set(set.inventory.schemas.find(({ name }) => name === scope.schema)?.tables.map(({ name }) => name));
  const missing = unknown.length > 0 ? unknown : scope.tables.filter((table) => !known.has(table)).map((table) => `${scope.schema}.${table}`);
  if (missing.length > 0) return { ok: false, unknown: missing };
  const needed = inScope.filter(({ name, tables }) => artifactPart(name) === "tables" || (artifactPart(name) === "data" && tables?.some((table) => scope.tables.includes(table))));
  return { ok: true, artifacts: needed.map(({ name }) => name).sort(), schemas: [scope.schema], tables: [...new Set(scope.tables)] };
}
