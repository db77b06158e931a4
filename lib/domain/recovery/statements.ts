import { sqlTokens } from "./sql-tokens.ts";

/** One statement of a dump, without its delimiter. */
export interface SqlStatement {
  readonly text: string;
  /** Index of its first character in the whole text. */
  readonly start: number;
  /** Index after its delimiter. */
  readonly end: number;
}

/** Splits a dump as its client does: at `;`, or at what the last `DELIMITER` line set. A rest without delimiter counts when it holds code. */
export function splitStatements(sql: string): SqlStatement[] {
  const statements: SqlStatement[] = [];
  let delimiter = ";";
  let from = 0;
  while (from < sql.length) {
    const change = /^\s*DELIMITER[ \t]+(\S+)[ \t]*(?:\n|$)/i.exec(sql.slice(from, from + 200));
    if (change) {
      delimiter = change[1] as string;
      from += change[0].length;
      continue;
    }
    const { bodyEnd, end } = nextDelimiter(sql, from, delimiter);
    const text = sql.slice(from, bodyEnd);
    const [first] = sqlTokens(text);
    if (first?.kind === "name" && first.text.toUpperCase() === "DELIMITER") {
      // Comments stood before the DELIMITER line: go on from the line itself.
      from += first.start;
      continue;
    }
    if (first) statements.push({ text, start: from, end });
    from = end;
  }
  return statements;
}

function nextDelimiter(sql: string, from: number, delimiter: string): { bodyEnd: number; end: number } {
  const rest = sql.slice(from);
  for (const token of sqlTokens(rest)) {
    if (token.kind === "name" && token.text.toUpperCase() === "DELIMITER" && /(?:^|\n)[ \t]*$/.test(rest.slice(0, token.start)) && [...sqlTokens(rest.slice(0, token.start))].length === 0) {
      return { bodyEnd: from + token.end, end: from + token.end };
    }
    if (token.kind === "mark" && rest.startsWith(delimiter, token.start)) return { bodyEnd: from + token.start, end: from + token.start + delimiter.length };
  }
  return { bodyEnd: sql.length, end: sql.length };
}
