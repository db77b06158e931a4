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
export type WantedDifferential = Omit<FullFacts, "proven" | "method">;

/**
 * `base`: this is the one. `passed-over`: of another policy or scope, so that it says nothing. `not-proven`: an older one may do. The rest: the newest proven full does
 * not fit, and an older one that does would hide that from whoever reads «since the last full».
 */
export type BaseVerdict = "base" | "passed-over" | "not-proven" | "other-server" | "other-method";

/** Judges a full as base; to be asked from the newest on, until the answer is neither `passed-over` nor `not-proven`. */
export function judgeBase(full: FullFacts, wanted: WantedDifferential): BaseVerdict {
  if (full.policy !== wanted.policy || !sameScope(full.schemas, wanted.schemas)) return "passed-over";
  if (!full.proven) return "not-proven";
  if (full.method !== "dump") return "other-method";
  return full.serverUuid === wanted.serverUuid && full.flavor === wanted.flavor ? "base" : "other-server";
}

function sameScope(one: readonly string[] | null, other: readonly string[] | null): boolean {
  if (one === null || other === null) return one === other;
  const all = new Set([...one, ...other]).size;
  return all === new Set(one).size && all === new Set(other).size;
}
