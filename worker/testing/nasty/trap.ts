import type { Flavor } from "#lib/contract/names.ts";

/** What belongs together; a test asks for the groups it is about. */
export const PORTABLE_GROUPS = ["names", "shapes", "values", "text", "charsets", "constraints", "views", "routines", "accounts"] as const;

/**
 * Groups that need more than a plain dump: `lossy` (a logical dump rounds them), `engines` (not transactional),
 * `brokenView` (mysqldump stops at it), `delimiterEvent` (mysqldump never ends), `checkOption` (its own
 * dump does not load), `tablespace` (its CREATE is in no dump), `mariadbDump`
 * (what its own mariadb-dump cannot carry), `big` (one huge row).
 */
export const HARD_GROUPS = ["lossy", "engines", "brokenView", "delimiterEvent", "checkOption", "tablespace", "mariadbDump", "big"] as const;

export type NastyGroup = (typeof PORTABLE_GROUPS)[number] | (typeof HARD_GROUPS)[number];

/** One thing that backups get wrong. */
export interface Trap {
  readonly group: NastyGroup;
  /** What a careless tool does with it. */
  readonly why: string;
  /** Only on this flavour. */
  readonly only?: Flavor;
  /** Statements in order. Session variables are put back after each trap. */
  readonly sql: readonly string[];
  /** Tables as [schema, name, rows]. */
  readonly tables?: readonly (readonly [string, string, number])[];
  readonly views?: readonly (readonly [string, string])[];
  /** Routines as [schema, name, type]. */
  readonly routines?: readonly (readonly [string, string, "PROCEDURE" | "FUNCTION"])[];
  /** Triggers as [schema, name]. */
  readonly triggers?: readonly (readonly [string, string])[];
  readonly events?: readonly (readonly [string, string])[];
  /** Accounts and roles as [user, host]. */
  readonly accounts?: readonly (readonly [string, string])[];
}

/** Where most traps live. */
export const MAIN = "nasty";
/** A schema whose name breaks whoever forgets to quote. */
export const HOSTILE = "na`sty ../;$(id)";
/** Both string quotes and a backslash. */
export const QUOTED = "o'k \"q\" \\";
/** Outside ASCII. */
export const ACCENTED = "città ✈";
/** Taken for an option by whoever forgets `--` before names. */
export const DASHED = "--all-databases";
/** Differs from MAIN in case only; a file name on a case-folding disk would be the same. */
export const CASED = "Nasty";
/** A trailing dot: Windows and some S3 tools cut it off. */
export const DOTTED = "nasty.dot.";

export const SCHEMAS = [MAIN, HOSTILE, QUOTED, ACCENTED, DASHED, CASED, DOTTED] as const;

/** An identifier between backticks. */
export function id(...parts: string[]): string {
  return parts.map((part) => `\`${part.replaceAll("`", "``")}\``).join(".");
}

/** A string literal in default sql_mode. */
export function text(value: string): string {
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''").replaceAll("\0", "\\0")}'`;
}
