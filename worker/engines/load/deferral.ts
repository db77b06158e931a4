import { quotePath } from "#lib/domain/backup/sql-name.ts";

/** What can be taken off an empty table and put back when its rows are in. All statements are whole and qualified. */
export interface Deferral {
  readonly schema: string;
  readonly table: string;
  /** `ALTER TABLE … DROP …` for the empty table; null when nothing is taken off. */
  readonly drop: string | null;
  /** Indexes that one pass over the rows builds together. */
  readonly addIndexes: string | null;
  /** Full-text indexes: built one at a time. */
  readonly addFulltext: readonly string[];
  /** Added last and one table after the other: in parallel they deadlock (1213). */
  readonly addForeignKeys: string | null;
}

export interface TableDefinition {
  readonly schema: string;
  readonly table: string;
  /** `SHOW CREATE TABLE`, one definition a line. */
  readonly create: string;
}

interface KeyLine {
  readonly kind: "unique" | "fulltext" | "other";
  readonly name: string;
  /** Text of the key parts as written, quotes included. */
  readonly columns: readonly string[];
  readonly text: string;
}

interface ForeignKeyLine {
  readonly name: string;
  readonly text: string;
  readonly referenced: { readonly schema: string; readonly table: string; readonly columns: readonly string[] };
}

interface ParsedTable extends TableDefinition {
  readonly primary: readonly string[];
  readonly keys: readonly KeyLine[];
  readonly foreignKeys: readonly ForeignKeyLine[];
  readonly autoIncrement: string | null;
}

const NAME = "`(?:[^`]|``)*`";
const KEY_LINE = new RegExp(`^(UNIQUE |FULLTEXT |SPATIAL )?KEY (${NAME}) \\((.*)$`);
const FOREIGN_KEY_LINE = new RegExp(`^CONSTRAINT (${NAME}) FOREIGN KEY \\([^)]*\\) REFERENCES (?:(${NAME})\\.)?(${NAME}) \\(([^)]*)\\)`);
const PRIMARY_LINE = /^PRIMARY KEY \((.*)$/;

/**
 * Plans which indexes of the given tables are built after their rows. `wanted` says for which tables it is worth it (an ALTER costs more than it gains
 * on a small one); all others must be given too, because their foreign keys may need an index of a wanted one.
 *
 * Kept in place: what AUTO_INCREMENT needs, what a foreign key refers to, unique keys of tables without primary key (one of them is the clustered index),
 * and whatever stands before a kept key of its kind, so that the order of the keys comes out the same. Tables that are not plain InnoDB, are system-versioned
 * (adding to them is refused when they hold history), or have lines that are not understood, are left whole.
 */
export function planDeferral(tables: readonly TableDefinition[], wanted: (schema: string, table: string) => boolean): Deferral[] {
  const parsed = tables.map(parseTable).filter((table) => table !== null);
  const referenced = new Map<string, (readonly string[])[]>();
  for (const table of parsed) {
    for (const { referenced: to } of table.foreignKeys) {
      const path = quotePath(to.schema, to.table);
      referenced.set(path, [...(referenced.get(path) ?? []), to.columns]);
    }
  }
  // A table that could not be read may refer to anything of anybody.
  const unread = tables.length - parsed.length > 0 && tables.some((table) => parseTable(table) === null && /FOREIGN KEY/.test(table.create));
  if (unread) return [];
  return parsed.filter((table) => wanted(table.schema, table.table)).map((table) => deferralOf(table, referenced.get(quotePath(table.schema, table.table)) ?? []));
}

function deferralOf(table: ParsedTable, referenced: readonly (readonly string[])[]): Deferral {
  const isKept = (key: KeyLine): boolean => {
    if (table.primary.length === 0 && key.kind === "unique") return true;
    const [first] = key.columns;
    if (table.autoIncrement !== null && first === table.autoIncrement && table.primary[0] !== table.autoIncrement) return true;
    return referenced.some((columns) => columns.every((column, index) => key.columns[index] === column) && !columns.every((column, index) => table.primary[index] === column));
  };
  const deferred = (["unique", "other", "fulltext"] as const).flatMap((kind) => {
    const ofKind = table.keys.filter((key) => key.kind === kind);
    return ofKind.slice(ofKind.findLastIndex(isKept) + 1);
  });
  const drops = [...table.foreignKeys.map(({ name }) => `DROP FOREIGN KEY ${name}`), ...deferred.map(({ name }) => `DROP KEY ${name}`)];
  const alter = `ALTER TABLE ${quotePath(table.schema, table.table)} `;
  const add = (lines: readonly { text: string }[]): string | null => (lines.length === 0 ? null : alter + lines.map(({ text }) => `ADD ${text}`).join(", "));
  const fulltext = deferred.filter(({ kind }) => kind === "fulltext");
  if (deferred.length === 0) return { schema: table.schema, table: table.table, drop: null, addIndexes: null, addFulltext: [], addForeignKeys: null };
  return {
    schema: table.schema,
    table: table.table,
    drop: alter + drops.join(", "),
    addIndexes: add(deferred.filter(({ kind }) => kind !== "fulltext")),
    addFulltext: fulltext.map((key) => `${alter}ADD ${key.text}`),
    addForeignKeys: add(table.foreignKeys),
  };
}

function parseTable(definition: TableDefinition): ParsedTable | null {
  const lines = definition.create.split("\n");
  const close = lines.findIndex((line, index) => index > 0 && line.startsWith(")"));
  const options = lines.slice(close).join("\n");
  if (close < 2 || !/^\) (?:\/\*.*?\*\/ )?ENGINE=InnoDB\b/.test(options) || /SYSTEM VERSIONING/.test(definition.create)) return null;
  const keys: KeyLine[] = [];
  const foreignKeys: ForeignKeyLine[] = [];
  let primary: string[] = [];
  let autoIncrement: string | null = null;
  for (const raw of lines.slice(1, close)) {
    if (!raw.startsWith("  ")) return null;
    const text = raw.slice(2).replace(/,$/, "");
    const key = KEY_LINE.exec(text);
    const foreign = FOREIGN_KEY_LINE.exec(text);
    const primaryKey = PRIMARY_LINE.exec(text);
    if (key) {
      const kind = key[1] === "UNIQUE " ? "unique" : key[1] === "FULLTEXT " ? "fulltext" : "other";
      // MariaDB makes `USING HASH` keys over long values with a hidden column of its own: left alone with the whole table.
      if (/WITHOUT OVERLAPS|\) USING HASH/.test(text)) return null;
      keys.push({ kind, name: key[2] as string, columns: keyColumns(key[3] as string), text });
    } else if (foreign) {
      foreignKeys.push({
        name: foreign[1] as string,
        text,
        referenced: { schema: foreign[2] ? unquote(foreign[2]) : definition.schema, table: unquote(foreign[3] as string), columns: keyColumns(`${foreign[4]})`) },
      });
    } else if (primaryKey) {
      primary = keyColumns(primaryKey[1] as string);
    } else if (text.startsWith("`")) {
      const name = new RegExp(`^${NAME}`).exec(text)?.[0];
      if (name && / AUTO_INCREMENT\b/.test(withoutStrings(text.slice(name.length)))) autoIncrement = name;
    } else if (!/^(?:CONSTRAINT `|CHECK |PERIOD FOR )/.test(text)) {
      return null;
    }
  }
  return { ...definition, primary, keys, foreignKeys, autoIncrement };
}

/** Quoted column names at the start of a key's parts; stops at an expression. */
function keyColumns(parts: string): string[] {
  const columns: string[] = [];
  const part = new RegExp(`^(${NAME})(?:\\(\\d+\\))?(?: (?:ASC|DESC))?(,|\\))`);
  for (let rest = parts; ; ) {
    const match = part.exec(rest);
    if (!match) return columns;
    columns.push(match[1] as string);
    if (match[2] === ")") return columns;
    rest = rest.slice(match[0].length).trimStart();
  }
}

function withoutStrings(text: string): string {
  return text.replace(/'(?:[^'\\]|''|\\.)*'/g, "''");
}

function unquote(quoted: string): string {
  return quoted.slice(1, -1).replaceAll("``", "`");
}

/** For messages and comparisons: the definition without its counter, which the rows move. */
export function withoutCounter(create: string): string {
  return create.replace(/^(\) .*?) AUTO_INCREMENT=\d+/m, "$1");
}

