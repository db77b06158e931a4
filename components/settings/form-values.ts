import { z } from "zod";
import { recipientKey, scheduleConfig } from "#lib/contract/config/desired-state.ts";
import { localDestination, s3Destination } from "#lib/contract/config/destination.ts";
import { policyConfig } from "#lib/contract/config/policy.ts";
import { serverConfig } from "#lib/contract/config/server.ts";
import { secretSource } from "#lib/contract/names.ts";

export const SECTIONS = ["servers", "destinations", "keys", "policies", "schedules"] as const;
export type Section = (typeof SECTIONS)[number];

export interface FieldSpec {
  /** Path in the config, `compression.level`; `secret:password` and `owner:host` (the worker) stand beside it. */
  readonly path: string;
  readonly kind: "text" | "number" | "select" | "check" | "area" | "secret" | "checks" | "lines" | "when" | "rows";
  readonly label: string;
  readonly hint?: string;
  readonly options?: readonly { readonly value: string; readonly label: string }[];
  /** Of `select`: values that are numbers are meant as such. */
  readonly numeric?: boolean;
  /** Shown and sent only while another field has this value. */
  readonly onlyIf?: { readonly path: string; readonly is: string | readonly string[] };
  /** Values of another field that go with values of this one; set with them while that field is as it was. */
  readonly suggests?: { readonly path: string; readonly of: Readonly<Record<string, string>> };
  /** Names cannot be changed once they exist. */
  readonly fixed?: boolean;
  readonly mono?: boolean;
  /** Stands with its like at the end, in a part that is opened. */
  readonly rare?: boolean;
  /** Of `rows`: the fields of each entry, and what the button for one more says. */
  readonly columns?: readonly { readonly key: string; readonly label: string; readonly hint?: string; readonly mono?: boolean; readonly area?: boolean }[];
  readonly addLabel?: string;
  /** A value here takes the place of whatever else stood in the object above: a file instead of a sealed secret. */
  readonly replaces?: boolean;
}

/** An entry of a `rows` field, by column. */
export type RowValue = Readonly<Record<string, string>>;
export type FormValue = string | boolean | readonly string[] | readonly RowValue[];
/** Values by field id (`idOf`). */
export type FormValues = Record<string, FormValue>;

/** Id of a field in the form: paths without dots. */
export function idOf(path: string): string {
  return path.replaceAll(/[.:]/g, "_");
}

/** The contract's schemas; a secret may be left out where one is stored or typed. */
export const CONFIG_SCHEMAS: Record<Section, z.ZodType> = {
  servers: serverConfig.extend({ password: secretSource.optional(), restoreAccount: z.strictObject({ user: z.string().min(1).max(80), password: secretSource.optional() }).optional() }),
  destinations: z.discriminatedUnion("kind", [localDestination, s3Destination.extend({ secretKey: secretSource.optional() })]),
  keys: recipientKey,
  policies: policyConfig,
  schedules: scheduleConfig,
};

export function isShown(field: FieldSpec, values: FormValues): boolean {
  if (!field.onlyIf) return true;
  return [field.onlyIf.is].flat().includes(String(values[idOf(field.onlyIf.path)]));
}

/** What the form starts with. */
export function startValues(fields: readonly FieldSpec[], config: Record<string, unknown>, host: string): FormValues {
  return Object.fromEntries(
    fields.map((field): [string, FormValue] => {
      const value = field.path === "owner:host" ? host : field.kind === "secret" ? "" : getPath(config, field.path);
      if (field.kind === "check") return [idOf(field.path), value === true];
      if (field.kind === "checks") return [idOf(field.path), Array.isArray(value) ? value.map(String) : []];
      if (field.kind === "lines") return [idOf(field.path), Array.isArray(value) ? value.join("\n") : ""];
      if (field.kind === "rows") return [idOf(field.path), Array.isArray(value) ? value.map((row: object) => Object.fromEntries(Object.entries(row).map(([key, one]) => [key, String(one)]))) : []];
      return [idOf(field.path), value === undefined || value === null || typeof value === "object" ? (field.kind === "select" ? (field.options?.[0]?.value ?? "") : "") : String(value)];
    }),
  );
}

/** The config that the form means: what it shows over what was stored; empty fields are absent. Secrets apart. */
export function readForm(fields: readonly FieldSpec[], values: FormValues, stored: Record<string, unknown>): { host: string; config: Record<string, unknown>; secrets: Record<string, string> } {
  const config = structuredClone(stored);
  const secrets: Record<string, string> = {};
  let host = "";
  for (const field of fields) {
    const given = values[idOf(field.path)];
    const shown = isShown(field, values);
    if (field.path === "owner:host") host = String(given ?? "");
    else if (field.kind === "secret") {
      if (shown && given) secrets[field.path.slice("secret:".length)] = String(given);
    } else {
      const value = shown ? meant(field, given) : undefined;
      if (field.replaces && value !== undefined) setPath(config, field.path.replace(/\.[^.]+$/, ""), undefined);
      setPath(config, field.path, value);
    }
  }
  return { host, config: pruned(config), secrets };
}

/** Which field a problem at this path belongs to: the same, or one below it (`key` → `key.armored`). */
export function fieldAt(fields: readonly FieldSpec[], path: string): FieldSpec | undefined {
  const bare = path.replace(/^config\./, "");
  return fields.find((field) => field.path === bare || field.path === `secret:${bare}`) ?? fields.find((field) => field.path.startsWith(`${bare}.`)) ?? fields.find((field) => bare.startsWith(`${field.path}.`));
}

function meant(field: FieldSpec, given: FormValue | undefined): unknown {
  if (field.kind === "check") return given === true;
  if (field.kind === "checks") return Array.isArray(given) ? given : [];
  if (field.kind === "rows") return Array.isArray(given) ? given.map(filled).filter((row) => Object.keys(row).length > 0) : [];
  const text = typeof given === "string" ? given.trim() : "";
  if (field.kind === "lines") {
    const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
    return lines.length > 0 ? lines : undefined;
  }
  if (text === "") return undefined;
  if (field.numeric) return /^\d+$/.test(text) ? Number(text) : text;
  return field.kind === "number" ? Number(text.replace(",", ".")) : text;
}

/** What was typed in an entry; empty columns are absent. */
function filled(row: RowValue): RowValue {
  return Object.fromEntries(Object.entries(row).flatMap(([key, text]) => (text.trim() === "" ? [] : [[key, text.trim()]])));
}

function getPath(object: Record<string, unknown>, path: string): unknown {
  return path.split(".").reduce<unknown>((at, key) => (typeof at === "object" && at !== null ? (at as Record<string, unknown>)[key] : undefined), object);
}

function setPath(object: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let at = object;
  for (const key of keys) {
    if (typeof at[key] !== "object" || at[key] === null) at[key] = {};
    at = at[key] as Record<string, unknown>;
  }
  if (value === undefined) delete at[last];
  else at[last] = value;
}

/** Without objects that the form left empty. */
function pruned(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => !(typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0)));
}
