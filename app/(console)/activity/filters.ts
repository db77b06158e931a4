import { DateTime } from "luxon";
import { runKind } from "#lib/contract/events.ts";
import { slug } from "#lib/contract/names.ts";
import { RUN_STATES, type RunState } from "#lib/contract/views/run.ts";
import type { ListRunsInput } from "#lib/services/run/list-runs.ts";

export const WHENS = ["today", "24h", "7d", "30d", "range"] as const;
export type When = (typeof WHENS)[number];

/** Words that stand for several states in the filter. */
export const STATE_GROUPS = {
  problems: ["warning", "failed", "interrupted", "missed", "unknown"],
  ongoing: ["queued", "running", "waiting"],
} as const satisfies Record<string, readonly RunState[]>;
export type StateGroup = keyof typeof STATE_GROUPS;

/** The filters as they stand in the address; absent = not filtered. Days are `2026-11-23` in the reader's zone, both included. */
export interface ActivityFilters {
  readonly when?: When;
  readonly from?: string;
  readonly to?: string;
  readonly kind?: string;
  readonly state?: string;
  readonly server?: string;
  readonly q?: string;
}

export type AddressValues = Record<string, string | string[] | undefined>;

/** Reads an address. What is not valid is dropped and told. */
export function readFilters(address: AddressValues): { filters: ActivityFilters; page: number; invalid: boolean } {
  let invalid = false;
  const take = (name: string, valid: (text: string) => boolean): string | undefined => {
    const given = address[name];
    const text = (Array.isArray(given) ? given[0] : given)?.trim();
    if (!text) return undefined;
    if (valid(text)) return text;
    invalid = true;
    return undefined;
  };
  const from = take("from", isDay);
  const to = take("to", isDay);
  const when = (take("when", (text) => (WHENS as readonly string[]).includes(text)) ?? (from || to ? "range" : undefined)) as When | undefined;
  const filters = clean({
    when: when === "range" && !from && !to ? undefined : when,
    ...(when === "range" ? { from, to } : {}),
    kind: take("kind", (text) => runKind.safeParse(text).success),
    state: take("state", (text) => text in STATE_GROUPS || (RUN_STATES as readonly string[]).includes(text)),
    server: take("server", (text) => slug.safeParse(text).success),
    q: take("q", (text) => text.length <= 200),
  });
  const page = Number(take("page", (text) => /^[1-9]\d{0,5}$/.test(text)) ?? 1);
  return { filters, page, invalid };
}

/** The filters as the service takes them. @param zone in which days begin and end */
export function toInput(filters: ActivityFilters, zone: string, now: number): Pick<ListRunsInput, "from" | "to" | "kinds" | "states" | "server" | "text"> {
  const { kind, state, server, q } = filters;
  const kinds = runKind.safeParse(kind);
  return {
    ...span(filters, zone, now),
    ...(kinds.success ? { kinds: [kinds.data] } : {}),
    ...(state ? { states: state in STATE_GROUPS ? [...STATE_GROUPS[state as StateGroup]] : [state as RunState] } : {}),
    ...(server ? { server } : {}),
    ...(q ? { text: q } : {}),
  };
}

/** Address of the page with these filters; page 1 is left out. */
export function filterAddress(path: string, filters: ActivityFilters, page = 1): string {
  const query = new URLSearchParams(Object.entries(clean({ ...filters })) as [string, string][]);
  if (page > 1) query.set("page", String(page));
  return query.size > 0 ? `${path}?${query}` : path;
}

/** The filters without one; the range goes as a whole. */
export function without(filters: ActivityFilters, name: keyof ActivityFilters): ActivityFilters {
  const gone: readonly string[] = name === "when" ? ["when", "from", "to"] : [name];
  return Object.fromEntries(Object.entries(filters).filter(([key]) => !gone.includes(key))) as ActivityFilters;
}

function span({ when, from, to }: ActivityFilters, zone: string, now: number): { from?: string; to?: string } {
  const at = DateTime.fromMillis(now, { zone });
  const iso = (moment: DateTime) => moment.toUTC().toISO() ?? "";
  if (when === "today") return { from: iso(at.startOf("day")) };
  if (when === "24h") return { from: iso(at.minus({ hours: 24 })) };
  if (when === "7d") return { from: iso(at.minus({ days: 7 })) };
  if (when === "30d") return { from: iso(at.minus({ days: 30 })) };
  return {
    ...(from ? { from: iso(DateTime.fromISO(from, { zone }).startOf("day")) } : {}),
    ...(to ? { to: iso(DateTime.fromISO(to, { zone }).plus({ days: 1 }).startOf("day")) } : {}),
  };
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && DateTime.fromISO(text).isValid;
}

function clean(values: { [K in keyof ActivityFilters]?: ActivityFilters[K] | undefined }): ActivityFilters {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as ActivityFilters;
}
