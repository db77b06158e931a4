import { evidence } from "./evidence.ts";
import { inEnglish, inItalian } from "./glossary.ts";
import { type FaultCode, FAULTS } from "./table.ts";

/** Values put into a fault's texts: `{name}` in the text becomes `params.name`. Never secrets. */
export type FaultParams = Readonly<Record<string, string | number>>;

export interface FaultOptions {
  readonly params?: FaultParams;
  /** Overrides the table: may the same step be tried again unchanged with hope of success? */
  readonly retryable?: boolean;
  /** Lines of evidence (stderr tail, server message), shown under "details". Never secrets. */
  readonly detail?: string;
  readonly cause?: unknown;
}

/** Marks faults across copies of this module: a web bundle may hold several. */
const BRAND = Symbol.for("salvagente.fault");

/**
 * The only error that effects throw on purpose. Its code stands in the closed table, where the texts
 * (what happened, why, what to do) live in every language.
 */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly params: FaultParams;
  readonly retryable: boolean;
  readonly detail: string | undefined;

  constructor(code: FaultCode, options: FaultOptions = {}) {
    super(`${code}: ${fill(FAULTS[code].en.what, options.params ?? {})}`, { cause: options.cause });
    this.name = "Fault";
    this.code = code;
    this.params = options.params ?? {};
    this.retryable = options.retryable ?? FAULTS[code].retryable;
    this.detail = options.detail;
  }

  get [BRAND](): true {
    return true;
  }

  /** Of whichever copy of the class it is. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && BRAND in value;
  }
}

/** A fault as it crosses a process border (job result, event, JSON output). */
export interface FaultRecord {
  code: FaultCode;
  params: Record<string, string | number>;
  retryable: boolean;
  detail?: string | undefined;
}

/** Turns anything thrown into a record. What is no Fault becomes UNEXPECTED and keeps its stack as detail. */
export function faultRecord(error: unknown): FaultRecord {
  const fault = asFault(error);
  const detail = fault.detail ?? evidence(fault.cause, fault.code !== "UNEXPECTED", fault.params);
  return {
    code: fault.code,
    params: { ...fault.params },
    retryable: fault.retryable,
    ...(detail ? { detail: detail.slice(-8000) } : {}),
  };
}

/** The error itself if it is a Fault; otherwise UNEXPECTED with the error as cause. */
export function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new Fault("UNEXPECTED", { params: { message: message.slice(0, 400) }, cause: error });
}

export interface FaultText {
  what: string;
  why: string;
  todo: string;
}

/** The texts of a fault in a language, parameters filled in, their words in that language (glossary.ts). */
export function faultText(record: Pick<FaultRecord, "code" | "params">, locale: "it" | "en"): FaultText {
  const entry = FAULTS[record.code] ?? FAULTS.UNEXPECTED;
  const said = locale === "it" ? inItalian : inEnglish;
  const params = Object.fromEntries(Object.entries(record.params).map(([name, value]) => [name, typeof value === "string" ? said(name, value) : value]));
  const text = (words: string): string => capital(fill(words, params), words);
  const { what, why, todo } = entry[locale];
  return { what: text(what), why: text(why), todo: text(todo) };
}

/** A sentence that begins with a noun out of a parameter. */
function capital(filled: string, words: string): string {
  return words.startsWith("{kind}") ? filled.charAt(0).toUpperCase() + filled.slice(1) : filled;
}

function fill(text: string, params: FaultParams): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}
