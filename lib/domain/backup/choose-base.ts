import type { BackupMethod } from "./methods.ts";

/** What the choice of a differential's base needs to know of a full. */
export interface FullFacts {
  readonly policy: string;
  readonly method: string;
  readonly flavor: string;
  readonly serverUuid: string;
  /** Null: the whole server. */
  readonly schemas: readonly string[] | null;
  readonly proven: boolean;
  /** Does it say where its data files stand in the redo log? */
  readonly takesPages: boolean;
}

/** The differential that is to be taken. */
export interface WantedDifferential extends Omit<FullFacts, "proven" | "method" | "takesPages"> {
  readonly method: DifferentialMethod;
  /** The policy takes sets of data files and, of the same instants, of SQL: only those of the differential's own method are bases. */
  readonly twoSets: boolean;
}

/** `dump`: rows that changed, as SQL. `mariadb-backup`: pages of the data files that changed. */
export type DifferentialMethod = Exclude<BackupMethod, "clone">;

/** How a policy's differentials are taken; null where it can have none: MySQL's clone copies everything or nothing, and there is no SQL to compare with. */
export function differentialMethod({ method, alsoDump }: { readonly method: BackupMethod; readonly alsoDump?: boolean | undefined }): DifferentialMethod | null {
  return method === "clone" ? (alsoDump === true ? "dump" : null) : method;
}

/** Can a policy have differentials? */
export function hasDifferentials(policy: { readonly method: BackupMethod; readonly alsoDump?: boolean | undefined }): boolean {
  return differentialMethod(policy) !== null;
}

/**
 * `base`: this is the one. `passed-over`: of another policy or scope, or the other of two sets of one instant, so that it says nothing. `not-proven`: an older one may do. The rest: the newest proven full does
 * not fit, and an older one that does would hide that from whoever reads «since the last full». `no-pages`: data files that a server was started on before they were packed.
 */
export type BaseVerdict = "base" | "passed-over" | "not-proven" | "other-server" | "other-method" | "no-pages";

/** Judges a full as base; to be asked from the newest on, until the answer is neither `passed-over` nor `not-proven`. */
export function judgeBase(full: FullFacts, wanted: WantedDifferential): BaseVerdict {
  if (full.policy !== wanted.policy || !sameScope(full.schemas, wanted.schemas)) return "passed-over";
  const fits = full.method === wanted.method;
  if (!fits && wanted.twoSets) return "passed-over";
  if (!full.proven) return "not-proven";
  if (!fits) return "other-method";
  if (full.serverUuid !== wanted.serverUuid || full.flavor !== wanted.flavor) return "other-server";
  return wanted.method === "mariadb-backup" && !full.takesPages ? "no-pages" : "base";
}

function sameScope(one: readonly string[] | null, other: readonly string[] | null): boolean {
  if (one === null || other === null) return one === other;
  const all = new Set([...one, ...other]).size;
  return all === new Set(one).size && all === new Set(other).size;
}
