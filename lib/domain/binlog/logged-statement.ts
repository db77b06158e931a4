import { type SqlToken, sqlTokens } from "../recovery/sql-tokens.ts";
import { namedTables } from "./named-tables.ts";

/** What a statement of the log means for the transaction around it; null: a statement like any other. */
export type StatementControl = "begin" | "commit" | "rollback" | "savepoint" | "xa-commit" | "xa-rollback" | null;

export interface LoggedStatement {
  readonly control: StatementControl;
  readonly kind: "drop" | "truncate" | "alter" | "create" | "rename" | "account" | "insert" | "update" | "delete" | "other";
  readonly tables: readonly { readonly schema: string; readonly table: string }[];
  /** Structure and accounts only; null for data. */
  readonly text: string | null;
}

export interface StatementContext {
  /** Default schema of the session. */
  readonly schema: string;
  /** Session ran with NO_BACKSLASH_ESCAPES: a backslash does not keep a string open. */
  readonly plainBackslashes: boolean;
}

/** Longest text that is kept, characters; and how many tokens of a statement are looked at. */
const TEXT_CHARACTERS = 2000;
const TOKENS = 1500;

const FREQUENT = {
  BEGIN: { control: "begin", kind: "other", tables: [], text: null },
  COMMIT: { control: "commit", kind: "other", tables: [], text: null },
} as const satisfies Record<string, LoggedStatement>;

/** Describes a statement as a server logs it; a text that was cut off is welcome. */
export function describeStatement(sql: string, context: StatementContext): LoggedStatement {
  if (sql === "BEGIN" || sql === "COMMIT") return FREQUENT[sql];
  const tokens = firstTokens(sql, 4);
  const words = tokens.map((token) => (token.kind === "name" ? token.text.toUpperCase() : ""));
  const control = controlOf(words);
  if (control) return { control, kind: "other", tables: [], text: null };
  const all = firstTokens(sql, TOKENS);
  const kind = kindOf(all);
  const structure = kind !== "insert" && kind !== "update" && kind !== "delete" && kind !== "other";
  const tables = kind === "account" ? [] : namedTables(all, context.schema);
  return { control: null, kind, tables, text: structure ? withoutLiterals(sql, all, context) : null };
}

function controlOf([first = "", second = ""]: readonly string[]): StatementControl {
  if (first === "BEGIN" || (first === "START" && second === "TRANSACTION")) return "begin";
  if (first === "COMMIT") return "commit";
  if (first === "ROLLBACK") return second === "TO" ? "savepoint" : "rollback";
  if (first === "SAVEPOINT" || first === "RELEASE") return "savepoint";
  if (first !== "XA") return null;
  if (second === "COMMIT") return "xa-commit";
  if (second === "ROLLBACK") return "xa-rollback";
  return second === "START" || second === "BEGIN" ? "begin" : "savepoint";
}

const ACCOUNTS = new Set(["USER", "ROLE", "PASSWORD", "DEFAULT", "RESOURCE"]);

function kindOf(tokens: readonly SqlToken[]): LoggedStatement["kind"] {
  const words = tokens.map((token) => (token.kind === "name" ? token.text.toUpperCase() : ""));
  const [first = "", second = ""] = words;
  const object = second === "OR" ? (words[3] ?? "") : second; // CREATE OR REPLACE …
  const account = ACCOUNTS.has(object);
  if (object === "TEMPORARY") return "other";
  switch (first) {
    case "DROP":
    case "CREATE":
    case "RENAME":
      return account ? "account" : (first.toLowerCase() as "drop" | "create" | "rename");
    case "ALTER":
      if (account) return "account";
      return partitionsLost(words) ?? "alter";
    case "TRUNCATE":
      return "truncate";
    case "GRANT":
    case "REVOKE":
      return "account";
    case "SET":
      return account ? "account" : "other";
    case "INSERT":
    case "REPLACE":
    case "LOAD":
      return "insert";
    case "UPDATE":
    case "DELETE":
      return first.toLowerCase() as "update" | "delete";
    case "WITH":
      return words.includes("DELETE") ? "delete" : words.includes("UPDATE") ? "update" : "other";
    default:
      return "other";
  }
}

/** ALTER TABLE … DROP PARTITION and TRUNCATE PARTITION take rows away like their namesakes. */
function partitionsLost(words: readonly string[]): "drop" | "truncate" | undefined {
  const at = words.findIndex((word, index) => word === "PARTITION" && (words[index - 1] === "DROP" || words[index - 1] === "TRUNCATE"));
  return at === -1 ? undefined : words[at - 1] === "DROP" ? "drop" : "truncate";
}

/** The statement in one line: comments gone, an ellipsis for what stood in a string or a hexadecimal number. */
function withoutLiterals(sql: string, tokens: readonly SqlToken[], { plainBackslashes }: StatementContext): string | null {
  // Where a string ends is not certain then: better no text than a password.
  if (plainBackslashes && sql.includes("\\")) return null;
  let text = "";
  let end = 0;
  for (const token of tokens) {
    const literal = token.kind === "string" || (token.kind === "name" && /^0[xb]/i.test(token.text));
    const piece = literal ? "'…'" : sql.slice(token.start, token.end);
    text += (token.start > end && text !== "" ? " " : "") + piece;
    end = token.end;
    if (text.length > TEXT_CHARACTERS) return `${text.slice(0, TEXT_CHARACTERS - 1)}…`;
  }
  return text;
}

function firstTokens(sql: string, count: number): SqlToken[] {
  const tokens: SqlToken[] = [];
  for (const token of sqlTokens(sql)) {
    tokens.push(token);
    if (tokens.length === count) break;
  }
  return tokens;
}
