import { microseconds } from "#lib/contract/archive/segment.ts";
import { runId, slug } from "#lib/contract/names.ts";
import type { WantedInstant } from "#lib/contract/recovery/instant.ts";
import type { PlanRestoreInput } from "#lib/services/recovery/plan-restore.ts";

export const SCOPES = ["server", "schemas", "tables"] as const;
export const WAYS = ["latest", "event", "time", "place", "set"] as const;
const WANTED = ["time", "before", "after", "position"] as const;
export const TARGETS = ["beside", "server", "instance", "in-place", "replace"] as const;

/** The wizard's state as it stands in the address: a step back, another device or a reload finds it again. */
export interface RestoreDraft {
  /** Whose instant; with `wanted` and `at`. */
  readonly server?: string;
  /** Preset of how the instant is chosen, from the emergency page. */
  readonly way?: (typeof WAYS)[number];
  readonly wanted?: (typeof WANTED)[number];
  /** Microseconds, GTID, or file:position. */
  readonly at?: string;
  /** GTIDs that are left out. */
  readonly skip: readonly string[];
  readonly set?: string;
  /** An unproven set was confirmed. */
  readonly ok?: boolean;
  readonly scope?: (typeof SCOPES)[number];
  readonly accounts?: boolean;
  /** Scope «tables»: the one schema. */
  readonly schema?: string;
  readonly schemas: readonly string[];
  readonly tables: readonly string[];
  /** Preset of the target step, from the emergency page. */
  readonly target?: (typeof TARGETS)[number];
  /** The plan to be changed goes without own checks. */
  readonly unchecked?: boolean;
  /** The scope step is done. */
  readonly done?: boolean;
}

export type AddressValues = Record<string, string | string[] | undefined>;

/** Reads an address; what is not valid counts as absent. */
export function readDraft(address: AddressValues): RestoreDraft {
  const all = (name: string, most = 64): string[] => [address[name] ?? []].flat().filter((text) => text.length > 0 && text.length <= most);
  const [server] = all("server").filter(isServerName);
  const way = WAYS.find((one) => one === all("way")[0]);
  const wanted = WANTED.find((one) => one === all("wanted")[0]);
  const [at] = all("at", 280);
  const [set] = all("set");
  const scope = SCOPES.find((one) => one === all("scope")[0]);
  const target = TARGETS.find((one) => one === all("target")[0]);
  const [schema] = all("schema");
  return {
    ...(server ? { server } : {}),
    ...(way ? { way } : {}),
    ...(server && wanted && at && wantedInstantOf(wanted, at) ? { wanted, at } : {}),
    skip: all("skip", 120),
    ...(set && runId.safeParse(set).success ? { set } : {}),
    ...(all("ok")[0] === "1" ? { ok: true } : {}),
    ...(scope ? { scope } : {}),
    ...(all("accounts")[0] === "1" ? { accounts: true } : {}),
    ...(schema ? { schema } : {}),
    schemas: all("schemas"),
    tables: all("tables"),
    ...(target ? { target } : {}),
    ...(all("unchecked")[0] === "1" ? { unchecked: true } : {}),
    ...(all("done")[0] === "1" ? { done: true } : {}),
  };
}

/** The instant that the draft asks for; null for a backup as it is. */
export function wantedOf({ wanted, at }: RestoreDraft): WantedInstant | null {
  return wanted && at ? wantedInstantOf(wanted, at) : null;
}

function wantedInstantOf(wanted: (typeof WANTED)[number], at: string): WantedInstant | null {
  if (wanted === "time") return microseconds.safeParse(at).success ? { kind: "time", at } : null;
  if (wanted !== "position") return { kind: wanted, gtid: at };
  const [, file, position] = /^([^:/]{1,255}):(\d{1,15})$/.exec(at) ?? [];
  return file && position ? { kind: "position", file, position: Number(position) } : null;
}

/** The same instant in an address. */
function instantAddress(wanted: WantedInstant): Pick<RestoreDraft, "wanted" | "at"> {
  if (wanted.kind === "time") return { wanted: "time", at: wanted.at };
  return wanted.kind === "position" ? { wanted: "position", at: `${wanted.file}:${wanted.position}` } : { wanted: wanted.kind, at: wanted.gtid };
}

/** Address of the wizard with this state. */
export function draftAddress(draft: Partial<RestoreDraft>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(draft)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined && one !== false) query.append(key, one === true ? "1" : String(one));
  }
  return query.size > 0 ? `/recovery?${query}` : "/recovery";
}

/** Is the scope fully chosen? */
export function scopeChosen(draft: RestoreDraft): boolean {
  if (draft.scope === "server") return true;
  if (draft.scope === "schemas") return draft.schemas.length > 0;
  return draft.scope === "tables" && draft.schema !== undefined && draft.tables.length > 0;
}

/** Schemas that the scope touches. @param every all schemas of the set */
export function schemasOf(draft: RestoreDraft, every: readonly string[]): readonly string[] {
  if (draft.scope === "schemas") return draft.schemas;
  return draft.scope === "tables" && draft.schema ? [draft.schema] : every;
}

/** The scope as the contract wants it. */
export function scopeOf(draft: RestoreDraft): PlanRestoreInput["scope"] {
  if (draft.scope === "schemas") return { kind: "schemas", schemas: [...draft.schemas] };
  if (draft.scope === "tables" && draft.schema) return { kind: "tables", schema: draft.schema, tables: [...draft.tables] };
  return { kind: "server", accounts: draft.accounts ?? false };
}

/** `gestionelogistica_r_20261023_1413`: the point's minute in the reader's zone behind the name, at most 64 characters. @param minute `20261023_1413` */
export function besideName(schema: string, minute: string): string {
  const tail = `_r_${minute}`;
  return [...schema].slice(0, 64 - tail.length).join("") + tail;
}

/** Address of the wizard from a plan's request, to change or renew it. */
export function addressOf(request: PlanRestoreInput): string {
  const { scope } = request;
  return draftAddress({
    ...(request.boundary ? { server: request.server, ...instantAddress(request.boundary.wanted), skip: request.boundary.skip } : {}),
    set: request.setId,
    ok: true,
    scope: scope.kind,
    ...(scope.kind === "schemas" ? { schemas: scope.schemas } : {}),
    ...(scope.kind === "tables" ? { schema: scope.schema, tables: scope.tables } : {}),
    ...(scope.kind === "server" && scope.accounts ? { accounts: true } : {}),
    target: request.target.kind,
    ...(request.ownChecks === false ? { unchecked: true } : {}),
    done: true,
  });
}

/** A server name from outside. */
export function isServerName(text: string): boolean {
  return slug.safeParse(text).success;
}
