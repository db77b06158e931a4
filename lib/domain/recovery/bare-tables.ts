import { type SqlToken, sqlTokens } from "./sql-tokens.ts";

/** One pair of parentheses, or the whole text. */
interface Level {
  /** Holds a query of its own; otherwise a function's arguments, or tables in parentheses. */
  readonly query: boolean;
  /** Between FROM and the next clause. */
  tables: boolean;
  /** A table may stand here. */
  expected: boolean;
}

const QUERY_WORDS = new Set(["select", "with", "table", "values"]);
const JOIN_WORDS = new Set(["join", "straight_join"]);
/** End of the tables of a query. */
const CLAUSE_WORDS = new Set(["where", "group", "having", "order", "limit", "window", "union", "intersect", "except", "for", "lock", "into", "select", "procedure"]);

/**
 * Does a query name a table or view without its schema, so that its answer depends on which schema was chosen? Names of common table expressions, `dual` and functions
 * that give tables do not count. Text in double quotes counts as a name.
 */
export function namesBareTables(sql: string): boolean {
  const tokens = [...sqlTokens(sql)];
  const known = new Set(["dual", ...commonTables(tokens)]);
  const levels: Level[] = [{ query: true, tables: false, expected: false }];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] as SqlToken;
    const here = levels.at(-1) as Level;
    const next = tokens[at + 1];
    if (isMark(token, "(")) levels.push({ query: QUERY_WORDS.has(wordOf(next)) || isMark(next, "("), tables: here.expected, expected: here.expected });
    else if (isMark(token, ")")) {
      if (levels.length > 1) levels.pop();
      (levels.at(-1) as Level).expected = false;
    } else if (isMark(token, ",")) here.expected = here.tables;
    else if (token.kind === "mark") continue;
    else if (wordOf(token) === "from" && here.query) Object.assign(here, { tables: true, expected: true });
    else if (here.tables && JOIN_WORDS.has(wordOf(token))) here.expected = true;
    else if (CLAUSE_WORDS.has(wordOf(token)) && !isMark(tokens[at - 1], ".")) Object.assign(here, { tables: false, expected: false });
    else if (here.expected && wordOf(token) !== "lateral") {
      here.expected = false;
      if (isMark(next, ".")) at += 2;
      else if (!isMark(next, "(") && !known.has(token.text.toLowerCase())) return true;
    }
  }
  return false;
}

/** Names before `AS (SELECT …`, with or without a list of columns between. */
function commonTables(tokens: readonly SqlToken[]): string[] {
  return tokens.flatMap((token, at) => {
    if (wordOf(token) !== "as" || !isMark(tokens[at + 1], "(") || !(QUERY_WORDS.has(wordOf(tokens[at + 2])) || isMark(tokens[at + 2], "("))) return [];
    let before = at - 1;
    if (isMark(tokens[before], ")")) {
      while (before > 0 && !isMark(tokens[before], "(")) before -= 1;
      before -= 1;
    }
    const name = tokens[before];
    return name && name.kind !== "mark" ? [name.text.toLowerCase()] : [];
  });
}

function wordOf(token: SqlToken | undefined): string {
  return token?.kind === "name" ? token.text.toLowerCase() : "";
}

function isMark(token: SqlToken | undefined, mark: string): boolean {
  return token?.kind === "mark" && token.text === mark;
}
