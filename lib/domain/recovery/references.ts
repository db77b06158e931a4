import { type SqlToken, sqlTokens } from "./sql-tokens.ts";
import { type SqlStatement, splitStatements } from "./statements.ts";

/** An object whose body names another schema outright. */
export interface BodyReference {
  /** `view v`, `procedure p` …; `statement` when the object's name was not found. */
  readonly object: string;
  readonly schema: string;
}

const OBJECT_KINDS = new Set(["view", "trigger", "procedure", "function", "event", "table"]);

/**
 * Objects in a dump of one schema that name one of `schemas` by a qualified name (`` `shop`.orders ``, `shop . orders`, `"shop".orders`).
 * Names compare without regard to case: rather an alias of the same name reported than production touched by a copy.
 */
export function findReferences(sql: string, schemas: readonly string[]): BodyReference[] {
  const wanted = new Map(schemas.map((schema) => [schema.toLowerCase(), schema]));
  const found = new Map<string, BodyReference>();
  for (const statement of splitStatements(sql)) {
    for (const schema of schemasNamed(statement.text, wanted)) {
      const object = objectOf(statement);
      found.set(`${object}\0${schema}`, { object, schema });
    }
  }
  return [...found.values()];
}

/** The dump without the statements that name one of `schemas`. All else stays byte for byte. */
export function withoutReferences(sql: string, schemas: readonly string[]): { readonly sql: string; readonly leftOut: readonly string[] } {
  const wanted = new Map(schemas.map((schema) => [schema.toLowerCase(), schema]));
  const leftOut: string[] = [];
  let kept = "";
  let from = 0;
  for (const statement of splitStatements(sql)) {
    if (schemasNamed(statement.text, wanted).size === 0) continue;
    kept += sql.slice(from, statement.start);
    from = statement.end;
    leftOut.push(objectOf(statement));
  }
  return { sql: kept + sql.slice(from), leftOut };
}

function schemasNamed(sql: string, wanted: ReadonlyMap<string, string>): Set<string> {
  const named = new Set<string>();
  let before: SqlToken | undefined;
  let last: SqlToken | undefined;
  for (const token of sqlTokens(sql)) {
    if (token.text === "." && token.kind === "mark" && last && last.kind !== "mark" && !(before?.kind === "mark" && before.text === ".")) {
      const schema = wanted.get(last.text.toLowerCase());
      if (schema !== undefined) named.add(schema);
    }
    before = last;
    last = token;
  }
  return named;
}

/** The kind and name after CREATE, past DEFINER and options. */
function objectOf(statement: SqlStatement): string {
  let kind = "";
  let isCreate = false;
  let name: string | undefined;
  let qualified = false;
  for (const token of sqlTokens(statement.text)) {
    const word = token.kind === "name" ? token.text.toLowerCase() : "";
    if (qualified) return `${kind} ${token.text}`;
    // MariaDB keeps the name of a trigger as it was typed, a schema before it included.
    if (name !== undefined) {
      if (token.kind !== "mark" || token.text !== ".") break;
      qualified = true;
    } else if (!isCreate) isCreate = word === "create" || word === "drop" || word === "alter";
    else if (kind === "" && OBJECT_KINDS.has(word)) kind = word;
    else if (kind !== "" && token.kind !== "mark" && !["if", "not", "exists"].includes(word)) name = token.text;
  }
  return name === undefined ? "statement" : `${kind} ${name}`;
}
