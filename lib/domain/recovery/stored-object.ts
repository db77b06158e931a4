import { type SqlToken, sqlTokens } from "./sql-tokens.ts";

/** A view, routine, trigger or event as its CREATE statement tells of it. Names as they stand there. */
export interface StoredObject {
  /** As the inventory says it: `view`, `procedure`, `package body` …; `statement` when the text makes no object that is known here. */
  readonly kind: string;
  readonly name: string;
  /** `user@host` (a role of MariaDB: `role`); null when the text names none. */
  readonly definer: string | null;
  /** Does it run with the rights of who uses it? */
  readonly invoker: boolean;
  readonly uses: readonly NameUse[];
  /** Texts of a body that makes statements out of texts (PREPARE, EXECUTE IMMEDIATE); empty for others. */
  readonly preparedTexts: readonly string[];
}

/** A name in a body that may be an object's. */
export interface NameUse {
  /** What stands before the dot; null where nothing does. It may be a table's alias as well as a schema. */
  readonly schema: string | null;
  readonly name: string;
  /** `table`: in a view's text, where only tables and views can stand. `call`: before `(` or after CALL. `any`: somewhere in a body. */
  readonly as: "table" | "call" | "any";
}

const KINDS = new Set(["view", "trigger", "procedure", "function", "event", "table", "package", "library"]);
/** Words after which a view's text, as servers print it, names a table. Parentheses may stand between. */
const BEFORE_TABLES = new Set(["from", "join", "straight_join"]);

/** Reads one statement. Tables are read as well, so that the caller sees what it is. */
export function storedObject(statement: string): StoredObject {
  const tokens = [...sqlTokens(statement)];
  const { kind, name, after } = titleOf(tokens);
  const words = tokens.map((token) => (token.kind === "name" ? token.text.toLowerCase() : ""));
  const prepares = words.some((word, at) => word === "prepare" || (word === "execute" && words[at + 1] === "immediate"));
  return {
    kind,
    name,
    definer: definerOf(tokens.slice(0, after), words),
    invoker: words.some((word, at) => word === "invoker" && words[at - 1] === "security"),
    uses: kind === "view" ? viewUses(tokens, words, after) : bodyUses(tokens, words, after, statement),
    preparedTexts: prepares ? tokens.filter((token) => token.kind === "string").map(({ text }) => text) : [],
  };
}

/** Kind and name after CREATE, past DEFINER and options, and the index of the token after them. */
function titleOf(tokens: readonly SqlToken[]): { kind: string; name: string; after: number } {
  const word = (at: number): string => (tokens[at]?.kind === "name" ? (tokens[at] as SqlToken).text.toLowerCase() : "");
  if (!tokens.some((_, at) => word(at) === "create")) return { kind: "statement", name: "", after: 0 };
  for (let at = tokens.findIndex((_, index) => word(index) === "create") + 1; at < tokens.length; at += 1) {
    if (!KINDS.has(word(at)) || isAccountPart(tokens, at)) continue;
    let next = at + 1;
    const body = word(at) === "package" && word(next) === "body" && tokens[next + 1]?.kind !== "mark";
    if (body) next += 1;
    while (["if", "not", "exists"].includes(word(next)) && tokens[next + 1] && tokens[next + 1]?.kind !== "mark") next += 1;
    // MariaDB keeps the name of a trigger as it was typed, a schema before it included.
    if (isDot(tokens[next + 1])) next += 2;
    const name = tokens[next];
    return name && name.kind !== "mark" ? { kind: body ? "package body" : word(at), name: name.text, after: next + 1 } : { kind: "statement", name: "", after: 0 };
  }
  return { kind: "statement", name: "", after: 0 };
}

/** A definer may be called `view` or come from the host `event`. */
function isAccountPart(tokens: readonly SqlToken[], at: number): boolean {
  return tokens[at - 1]?.text === "@" || tokens[at - 1]?.text === "=" || tokens[at + 1]?.text === "@";
}

function definerOf(header: readonly SqlToken[], words: readonly string[]): string | null {
  const at = words.indexOf("definer");
  if (at === -1 || at + 2 >= header.length || header[at + 1]?.text !== "=") return null;
  const user = header[at + 2];
  if (!user || user.kind === "mark" || words[at + 2] === "current_user") return null;
  return header[at + 3]?.text === "@" && header[at + 4] ? `${user.text}@${(header[at + 4] as SqlToken).text}` : user.text;
}

/**
 * A view's text comes from the server: names quoted, columns always behind their table, keywords never quoted. So a quoted name that follows
 * no dot, no AS and no other name, and that nothing follows but the end of a table, is a table or view.
 */
function viewUses(tokens: readonly SqlToken[], words: readonly string[], from: number): NameUse[] {
  const uses: NameUse[] = [];
  for (let at = from; at < tokens.length; at += 1) {
    const token = tokens[at] as SqlToken;
    if (token.kind === "mark" || (token.kind === "name" && !isDot(tokens[at + 1]) && !isDot(tokens[at - 1]) && tokens[at + 1]?.text !== "(")) continue;
    const qualified = isDot(tokens[at - 1]);
    if (qualified && isDot(tokens[at - 3])) continue;
    const schema = qualified ? (tokens[at - 2] as SqlToken).text : null;
    const before = qualified ? at - 3 : at - 1;
    if (tokens[at + 1]?.text === "(" && token.kind === "quoted") uses.push({ schema, name: token.text, as: "call" });
    else if (token.kind === "quoted" && followsTableWord(tokens, words, before) && !isDot(tokens[at + 1])) uses.push({ schema, name: token.text, as: "table" });
  }
  const known = new Set(uses.flatMap(({ schema, name, as }) => (as === "table" && schema === null ? [name] : [])));
  const aliases = aliasesOf(tokens);
  // `extract(year from `a`.`b`)`: a column of table or alias `a`, not a table of schema `a`.
  return uses.filter(({ schema, as }) => as === "call" || schema === null || !(known.has(schema) || aliases.has(schema)));
}

function followsTableWord(tokens: readonly SqlToken[], words: readonly string[], from: number): boolean {
  let at = from;
  while (tokens[at]?.text === "(" && tokens[at]?.kind === "mark") at -= 1;
  return BEFORE_TABLES.has(words[at] ?? "");
}

/** Names that follow a quoted name or a closing parenthesis without a word between. */
function aliasesOf(tokens: readonly SqlToken[]): Set<string> {
  const aliases = new Set<string>();
  for (const [at, token] of tokens.entries()) {
    const before = tokens[at - 1];
    if (token.kind === "quoted" && before && (before.kind === "quoted" || (before.kind === "mark" && before.text === ")"))) aliases.add(token.text);
  }
  return aliases;
}

/** A body stands as it was typed: every name counts, rather one too many than one forgotten. Double quotes are names under ANSI_QUOTES. */
function bodyUses(tokens: readonly SqlToken[], words: readonly string[], from: number, statement: string): NameUse[] {
  const uses: NameUse[] = [];
  for (let at = from; at < tokens.length; at += 1) {
    const token = tokens[at] as SqlToken;
    if (token.kind === "mark" || (token.kind === "string" && statement[token.start] !== '"')) continue;
    const qualified = isDot(tokens[at - 1]);
    if (qualified && isDot(tokens[at - 3])) continue;
    const schema = qualified ? (tokens[at - 2]?.text ?? null) : null;
    const call = tokens[at + 1]?.text === "(" || words[qualified ? at - 3 : at - 1] === "call";
    uses.push({ schema, name: token.text, as: call ? "call" : "any" });
  }
  return uses;
}

function isDot(token: SqlToken | undefined): boolean {
  return token?.kind === "mark" && token.text === ".";
}
