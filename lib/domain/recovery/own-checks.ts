/** As much of an own check as says what it is about: `schema` absent, and it names its tables in full. */
interface About {
  readonly schema?: string | undefined;
}

/** As much of a restore as decides which own checks judge it. */
interface Judged {
  /** Whose backup it is, and whose checks. */
  readonly server: string;
  readonly scope: { readonly kind: "server" } | { readonly kind: "schemas"; readonly schemas: readonly string[] } | { readonly kind: "tables"; readonly schema: string };
  readonly target: { readonly kind: "beside" | "server" | "in-place" | "instance" | "replace"; readonly server: string };
}

/**
 * The own checks that judge a restore. One that stands beside is judged by its swap. Where the server is new, or filled anew, those about what comes whole: only that is there. In place all that touches a
 * schema which changes, and on the server they were written for those that name none: everything else is there, too.
 */
export function checksOfRestore<C extends About>(checks: readonly C[], { server, scope, target }: Judged): C[] {
  if (target.kind === "beside") return [];
  if (scope.kind === "server") return [...checks];
  if (target.kind === "in-place") {
    const changed = scope.kind === "tables" ? [scope.schema] : scope.schemas;
    return target.server === server ? checksAbout(checks, changed) : naming(checks, changed);
  }
  return scope.kind === "schemas" ? naming(checks, scope.schemas) : [];
}

/** Those about a schema that changes, and those that name none. */
export function checksAbout<C extends About>(checks: readonly C[], changed: readonly string[]): C[] {
  return checks.filter(({ schema }) => schema === undefined || changed.includes(schema));
}

function naming<C extends About>(checks: readonly C[], schemas: readonly string[]): C[] {
  return checks.filter(({ schema }) => schema !== undefined && schemas.includes(schema));
}
