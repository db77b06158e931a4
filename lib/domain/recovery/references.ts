import { quoteName } from "../backup/sql-name.ts";
import { type SqlToken, sqlTokens } from "./sql-tokens.ts";
import { splitStatements } from "./statements.ts";
import { storedObject } from "./stored-object.ts";

/** An object whose body names another schema outright. */
export interface BodyReference {
  /** `view v`, `procedure p` …; `statement` when the object's name was not found. */
  readonly object: string;
  readonly schema: string;
}

/**
 * Objects in a dump of one schema that name one of `schemas` by a qualified name (`` `shop`.orders ``, `shop . orders`, `"shop".orders`), or in a text that
 * they make a statement of. Names compare without regard to case: rather an alias of the same name reported than production touched by a copy.
 */
export function findReferences(sql: string, schemas: readonly string[]): BodyReference[] {
  const found = new Map<string, BodyReference>();
  for (const { text } of splitStatements(sql)) {
    const { kind, name } = storedObject(text);
    const object = kind === "statement" ? kind : `${kind} ${name}`;
    for (const schema of schemasOf(text, schemas)) found.set(`${object}\0${schema}`, { object, schema });
  }
  return [...found.values()];
}

/** Those of `schemas` that one statement names, as findReferences finds them. */
export function schemasOf(statement: string, schemas: readonly string[]): string[] {
  const wanted = new Map(schemas.map((schema) => [schema.toLowerCase(), schema]));
  return [...new Set([...schemasNamed(statement, wanted), ...schemasInTexts(storedObject(statement).preparedTexts, schemas)])];
}

/** Schemas that the foreign keys of a table's definition point into by name. */
export function referencedSchemas(statement: string): string[] {
  return [...new Set(referenceTokens(statement).map(({ text }) => text))];
}

/** Table definitions whose foreign keys point into the schemas by their other names. The texts come from the server; all else stays byte for byte. */
export function withReferencesTo(sql: string, names: Readonly<Record<string, string>>): string {
  const cuts: [from: number, to: number, name: string][] = [];
  for (const { text, start } of splitStatements(sql)) {
    if (!/references/i.test(text) || storedObject(text).kind !== "table") continue;
    for (const token of referenceTokens(text)) if (Object.hasOwn(names, token.text)) cuts.push([start + token.start, start + token.end, quoteName(names[token.text] as string)]);
  }
  return cuts.reduceRight((whole, [from, to, name]) => whole.slice(0, from) + name + whole.slice(to), sql);
}

/**
 * Table definitions whose foreign keys point at tables of their own schema, which the server writes without its name: those at other tables than `own` get the name, so that they still point there
 * when the definition is run in another schema. All else stays byte for byte.
 */
export function withOwnReferencesNamed(sql: string, schema: string, own: ReadonlySet<string>): string {
  const places: number[] = [];
  for (const { text, start } of splitStatements(sql)) {
    if (!/references/i.test(text) || storedObject(text).kind !== "table") continue;
    const tokens = [...sqlTokens(text)];
    for (const [at, token] of tokens.entries()) {
      if (!isReferences(tokens[at - 1]) || token.kind === "mark" || tokens[at + 1]?.text === "." || own.has(token.text)) continue;
      places.push(start + token.start);
    }
  }
  return places.reduceRight((whole, at) => `${whole.slice(0, at)}${quoteName(schema)}.${whole.slice(at)}`, sql);
}

function isReferences(token: SqlToken | undefined): boolean {
  return token?.kind === "name" && token.text.toLowerCase() === "references";
}

function referenceTokens(statement: string): SqlToken[] {
  const tokens = [...sqlTokens(statement)];
  return tokens.filter((_, at) => isReferences(tokens[at - 1]) && tokens[at + 1]?.text === ".");
}

/** The dump without the statements that make one of `objects` (`view v`, `procedure p` …). All else stays byte for byte. */
export function withoutObjects(sql: string, objects: ReadonlySet<string>): string {
  let kept = "";
  let from = 0;
  for (const { text, start, end } of splitStatements(sql)) {
    const { kind, name } = storedObject(text);
    if (!objects.has(`${kind} ${name}`)) continue;
    kept += sql.slice(from, start);
    from = end;
  }
  return kept + sql.slice(from);
}

/**
 * Triggers whose header names their own schema (`CREATE TRIGGER shop.t … ON shop.orders FOR EACH ROW`, as MariaDB keeps it when it was typed so): the same without
 * it, for a restore under another name. Bodies stay byte for byte.
 */
export function withOwnTriggerHeaders(sql: string, schema: string): string {
  const cuts: [from: number, to: number][] = [];
  for (const { text, start } of splitStatements(sql)) {
    if (storedObject(text).kind !== "trigger") continue;
    const tokens = headerOf(text);
    for (const [at, token] of tokens.entries()) {
      const dot = tokens[at + 1];
      if (token.kind === "mark" || dot?.text !== "." || token.text.toLowerCase() !== schema.toLowerCase()) continue;
      cuts.push([start + token.start, start + dot.end]);
    }
  }
  return cuts.reduceRight((whole, [from, to]) => whole.slice(0, from) + whole.slice(to), sql);
}

/** Tokens up to FOR EACH ROW. */
function headerOf(text: string): SqlToken[] {
  const header: SqlToken[] = [];
  for (const token of sqlTokens(text)) {
    if (token.kind === "name" && token.text.toLowerCase() === "each" && header.at(-1)?.text.toLowerCase() === "for") return header;
    header.push(token);
  }
  return [];
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

/** The schema as a word of its own in a text, however the statement is put together. */
function schemasInTexts(texts: readonly string[], schemas: readonly string[]): string[] {
  return schemas.filter((schema) => {
    const name = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const word = new RegExp(`(?<![\\w$\\u0080-\\uffff])(?:${name(schema)}|${name(schema.replaceAll("`", "``"))})(?![\\w$\\u0080-\\uffff])`, "i");
    return texts.some((text) => word.test(text));
  });
}
