import { ACCENTED, CASED, DASHED, DOTTED, HOSTILE, id, MAIN, QUOTED, type Trap, text } from "./trap.ts";

/** Table names, each with the tool that trips over it. */
const TABLE_NAMES: readonly (readonly [string, string])[] = [
  ["a`b", "the quote of identifiers itself"],
  ["``", "nothing but quotes"],
  ["o'hara\"s", "both string quotes: shell lines and WHERE table_name='…'"],
  ["../../../../tmp/pwned", "path traversal, if a name becomes a file name"],
  ["dir/table", "a slash: a folder that does not exist, an S3 prefix"],
  ["back\\slash", "escape character"],
  ["-rf", "an option, if it is the first of the names"],
  ["--tab=.", "a dangerous option"],
  ["with spaces  inside", "split by a shell; two spaces folded into one by HTML"],
  ["trailing.", "trailing dot"],
  [".hidden", "a hidden file"],
  ["a.b", "looks like schema.table"],
  ["select", "reserved word"],
  ["SELECT", "the same in capitals: a different table where lower_case_table_names=0"],
  ["Casa", "case difference"],
  ["casa", "case difference"],
  ["tab\tnew\nline", "control characters: output split into lines and columns"],
  ["x\nDROP DATABASE nasty; -- y", "mysqldump prints names into comments: a line feed would end the comment"],
  ["x */ y /*! z", "ends a comment of the other kind"],
  ["100%s%n", "format string; LIKE wildcard"],
  ["under_score", "LIKE wildcard: also matches underXscore"],
  ["underXscore", "see under_score"],
  ["*", "glob"],
  ["$(touch pwned)`id`", "shell substitution"],
  ["#comment", "comment to the client, fragment in a URL"],
  ["?a=b&c", "query string"],
  ["città✈東京", "outside ASCII (supplementary emoji are not allowed in names)"],
  ["citta", "equal to another name under an accent-blind collation: see città"],
  ["città", "see citta"],
  ["123", "a number"],
  ["1e5", "a number to YAML and JSON readers"],
  ["null", "a word to YAML readers"],
  ["__proto__", "a key that breaks objects used as maps in JavaScript"],
  ["constructor", "see __proto__"],
  ["n".repeat(64), "longest name"],
  [`${"n".repeat(63)}m`, "differs from the longest in the last letter only: cut names collide"],
  ["è".repeat(64), "64 characters, 128 bytes, 192 in the server's file name"],
  ["manifest.json", "our own file"],
];

const LONG_COLUMN = "c".repeat(64);

/** Names: of tables, columns, keys and schemas. */
export const NAME_TRAPS: readonly Trap[] = [
  ...TABLE_NAMES.flatMap(([name, why]): Trap[] =>
    // Every name in the plain schema; a few also where the schema is hostile itself.
    [MAIN, ...(name.includes("`") || name.startsWith("-") ? [HOSTILE, DASHED] : [])].map((schema) => ({
      group: "names",
      why,
      sql: [
        `CREATE TABLE ${id(schema, name)} (id INT PRIMARY KEY, v VARCHAR(200)) COMMENT = ${text(`trap: ${why}`)}`,
        `INSERT INTO ${id(schema, name)} VALUES (1, ${text(name)}), (2, NULL)`,
      ],
      tables: [[schema, name, 2]],
    })),
  ),
  {
    group: "names",
    why: "columns and keys named to be hostile, as long as allowed, reserved",
    sql: [
      `CREATE TABLE ${id(HOSTILE, "columns`")} (${id("a`b")} INT NOT NULL, ${id("o'h\"\\")} TEXT, ${id("-- x")} INT, ${id("order")} INT, ${id("Order by")} INT, ${id(LONG_COLUMN)} INT, ${id("~")} INT,
        PRIMARY KEY (${id("a`b")}), KEY ${id("k`ey 'x")} (${id("-- x")}), UNIQUE KEY ${id("u".repeat(64))} (${id(LONG_COLUMN)}))`,
      `INSERT INTO ${id(HOSTILE, "columns`")} VALUES (1, 'x', 2, 3, 4, 5, 6), (2, NULL, NULL, NULL, NULL, NULL, NULL)`,
    ],
    tables: [[HOSTILE, "columns`", 2]],
  },
  ...(["mysql", "mariadb"] as const).flatMap((only): Trap[] => {
    const group = only === "mysql" ? "names" : "mariadbDump";
    return [
      {
        group, only,
        why: "a foreign key between hostile schemas, with a backtick in its name and its column: MariaDB's SHOW CREATE TABLE does not double the backtick, so no dump of it loads",
        sql: [
          `CREATE TABLE ${id(HOSTILE, "parent`")} (${id("a`b")} INT NOT NULL PRIMARY KEY)`, `INSERT INTO ${id(HOSTILE, "parent`")} VALUES (1)`,
          `CREATE TABLE ${id(DASHED, "child`")} (id INT PRIMARY KEY, p INT, CONSTRAINT ${id("fk`☂")} FOREIGN KEY (p) REFERENCES ${id(HOSTILE, "parent`")} (${id("a`b")}))`,
          `INSERT INTO ${id(DASHED, "child`")} VALUES (1, 1), (2, NULL)`,
        ],
        tables: [[HOSTILE, "parent`", 1], [DASHED, "child`", 2]],
      },
      {
        group, only,
        why: "quotes and a backslash in a schema's name: mariadb-dump --events selects the escaped name and says «Unknown database»",
        sql: [`CREATE TABLE ${id(QUOTED, "t'\\")} (id INT PRIMARY KEY)`, `INSERT INTO ${id(QUOTED, "t'\\")} VALUES (1)`],
        tables: [[QUOTED, "t'\\", 1]],
      },
    ];
  }),
  {
    group: "names",
    why: "schema, table and column outside ASCII",
    sql: [`CREATE TABLE ${id(ACCENTED, "però")} (${id("è")} INT PRIMARY KEY)`, `INSERT INTO ${id(ACCENTED, "però")} VALUES (1)`],
    tables: [[ACCENTED, "però", 1]],
  },
  {
    group: "names",
    why: "schemas that differ in case only, or end with a dot, holding a table of the same name",
    sql: [CASED, DOTTED, MAIN].flatMap((schema) => [
      `CREATE TABLE ${id(schema, "same_name")} (id INT PRIMARY KEY, v VARCHAR(20))`,
      `INSERT INTO ${id(schema, "same_name")} VALUES (1, ${text(schema)})`,
    ]),
    tables: [[CASED, "same_name", 1], [DOTTED, "same_name", 1], [MAIN, "same_name", 1]],
  },
];
