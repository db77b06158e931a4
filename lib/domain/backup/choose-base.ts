/** What the choice of a differential's base needs to know of a full. */
export interface FullFacts {
  readonly policy: string;
  readonly method: string;
  readonly flavor: string;
  readonly serverUuid: string;
  /** Null: the whole server. */
  readonly schemas: readonly string[] | null;
  readonly proven: boolean;
}

/** The differential that is to be taken. */
export interface WantedDifferential extends Omit<FullFacts, "proven" | "method"> {
  /** The policy takes sets of data files and, of the same instants, of SQL: these are the bases. */
  readonly besideFiles: boolean;
}

/** Can a policy have differentials? They are dumps, compared with a dump. */
export function hasDifferentials({ method, alsoDump }: { readonly method: string; readonly alsoDump?: boolean | undefined }): boolean {
  return method === "dump" || alsoDump === true;
}

/**
 * `base`: this is the one. `passed-over`: of another policy or scope, or the data files beside a dump, so that it says nothing. `not-proven`: an older one may do. The rest: the newest proven full does
 * not fit, and an older one that does would hide that from whoever reads «since the last full».
 */
export type BaseVerdict = "base" | "passed-over" | "not-proven" | "other-server" | "other-method";

/** Judges a full as base; to be asked from the newest on, until the answer is neither `passed-over` nor `not-proven`. */
export function judgeBase(full: FullFacts, wanted: WantedDifferential): BaseVerdict {
  if (full.policy !== wanted.policy || !sameScope(full.schemas, wanted.schemas)) return "passed-over";
  if (full.method !== "dump" && wanted.besideFiles) return "passed-over";
  if (!full.proven) return "not-proven";
  if (full.method !== "dump") return "other-method";
  return full.serverUuid === wanted.serverUuid && full.flavor === wanted.flavor ? "base" : "other-server";
}

function sameScope(one: readonly string[] | null, other: readonly string[] | null): boolean {
  if (one === null || other === null) return one === other;
  const all = new Set([...one, ...other]).size;
  return all === new Set(one).size && all === new Set(other).size;
}
