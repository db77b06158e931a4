import type { SqlToken } from "../recovery/sql-tokens.ts";

type TableName = { readonly schema: string; readonly table: string };

/** Words that may stand between a verb and the name of its table. */
const BETWEEN = new Set(["TABLE", "TABLES", "VIEW", "IF", "NOT", "EXISTS", "ONLINE", "OFFLINE", "IGNORE", "LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK", "INTO", "FROM", "OR", "REPLACE", "CONCURRENT", "LOCAL", "TEMPORARY", "WAIT", "NOWAIT"]);
const VERBS = new Set(["DROP", "TRUNCATE", "ALTER", "CREATE", "RENAME", "INSERT", "REPLACE", "LOAD", "UPDATE", "DELETE"]);
const SCHEMA_WORDS = new Set(["DATABASE", "SCHEMA"]);
/** Objects of a schema that are no tables; an index names its table behind ON. */
const OTHER_OBJECTS = new Set(["INDEX", "UNIQUE", "FULLTEXT", "SPATIAL", "PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "DEFINER", "ALGORITHM", "SQL", "AGGREGATE", "SERVER", "TABLESPACE", "LOGFILE", "SEQUENCE", "PACKAGE", "UNDO", "INSTANCE"]);

/** Tables that a statement is about, as its first words tell: `schema.table`, or in the session's schema. A whole schema: table `*`. */
export function namedTables(tokens: readonly SqlToken[], schema: string): TableName[] {
  const word = (at: number): string => (tokens[at]?.kind === "name" ? (tokens[at] as SqlToken).text.toUpperCase() : "");
  const verb = word(0);
  if (!VERBS.has(verb)) return [];
  let at = 1;
  if (verb === "LOAD") at = tokens.findIndex((_token, index) => word(index) === "INTO" && word(index + 1) === "TABLE") + 1;
  else if (SCHEMA_WORDS.has(word(1))) return schemaNamed(tokens, BETWEEN);
  if (OTHER_OBJECTS.has(word(1)) || (word(1) === "OR" && OTHER_OBJECTS.has(word(3)))) {
    const on = tokens.findIndex((_token, index) => word(index) === "ON");
    const index = [1, 2].some((place) => word(place) === "INDEX");
    return index && on !== -1 ? one(tokens, on + 1, schema) : [];
  }
  while (BETWEEN.has(word(at))) at += 1;
  const names: TableName[] = [];
  for (;;) {
    const [name] = one(tokens, at, schema);
    if (!name) return names;
    names.push(name);
    at += qualified(tokens, at) ? 3 : 1;
    const separator = tokens[at]?.text;
    const list = separator === "," && (verb === "DROP" || verb === "RENAME");
    if (!list && !(verb === "RENAME" && separator?.toUpperCase() === "TO")) return names;
    at += 1;
  }
}

function schemaNamed(tokens: readonly SqlToken[], between: ReadonlySet<string>): TableName[] {
  let at = 2;
  while (tokens[at]?.kind === "name" && between.has((tokens[at] as SqlToken).text.toUpperCase())) at += 1;
  const name = tokens[at];
  return name && name.kind !== "mark" ? [{ schema: name.text, table: "*" }] : [];
}

function one(tokens: readonly SqlToken[], at: number, schema: string): TableName[] {
  const first = tokens[at];
  if (!first || first.kind === "mark") return [];
  const second = tokens[at + 2];
  return qualified(tokens, at) && second ? [{ schema: first.text, table: second.text }] : [{ schema, table: first.text }];
}

function qualified(tokens: readonly SqlToken[], at: number): boolean {
  return tokens[at + 1]?.text === "." && tokens[at + 1]?.kind === "mark" && tokens[at + 2] !== undefined;
}
