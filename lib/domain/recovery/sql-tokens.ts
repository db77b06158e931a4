/** A piece of SQL text that counts as code: a name (quotes removed) or one other character. Strings and comments are left out. */
export interface SqlToken {
  readonly kind: "name" | "quoted" | "string" | "mark";
  readonly text: string;
  /** Index of its first character, and of the one after it. */
  readonly start: number;
  readonly end: number;
}

const WORD = /[A-Za-z0-9_$\u0080-\uffff]+/y;

/**
 * Tokens of a MySQL or MariaDB text. The content of `/*! … *​/` and `/*M! … *​/` comments counts as code, because servers run it.
 * Text in double quotes is `string`: under ANSI_QUOTES it is a name, and who looks for names must take it for one.
 */
export function* sqlTokens(sql: string): Generator<SqlToken> {
  let at = 0;
  while (at < sql.length) {
    const start = at;
    const character = sql[at] as string;
    const next = sql[at + 1];
    if (/\s/.test(character)) at += 1;
    else if (character === "#" || (character === "-" && next === "-" && (at + 2 >= sql.length || /\s/.test(sql[at + 2] as string)))) at = endOfLine(sql, at);
    else if (character === "/" && next === "*") {
      const code = /\/\*M?!\d*/y;
      code.lastIndex = at;
      const opened = code.exec(sql);
      if (opened) at += opened[0].length;
      else {
        const close = sql.indexOf("*/", at + 2);
        at = close === -1 ? sql.length : close + 2;
      }
    } else if (character === "*" && next === "/") at += 2;
    else if (character === "`" || character === "'" || character === '"') {
      at = endOfQuoted(sql, at, character);
      const text = sql.slice(start + 1, at - 1).replaceAll(character + character, character);
      yield { kind: character === "`" ? "quoted" : "string", text, start, end: at };
    } else {
      WORD.lastIndex = at;
      const word = WORD.exec(sql);
      at += word ? word[0].length : 1;
      yield { kind: word ? "name" : "mark", text: sql.slice(start, at), start, end: at };
    }
  }
}

function endOfLine(sql: string, from: number): number {
  const newline = sql.indexOf("\n", from);
  return newline === -1 ? sql.length : newline + 1;
}

/** Doubled quotes stay inside; backslashes escape in strings, not in names. */
function endOfQuoted(sql: string, from: number, quote: string): number {
  for (let at = from + 1; at < sql.length; at += 1) {
    if (quote !== "`" && sql[at] === "\\") at += 1;
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1;
      at += 1;
    }
  }
  return sql.length;
}
