import { DASHED, id, MAIN, type Trap } from "./trap.ts";

const t = (name: string) => id(MAIN, name);

/** Shapes of tables, and keys between them. */
export const TABLE_TRAPS: readonly Trap[] = [
  {
    group: "shapes", why: "empty tables: no INSERT in the stream, so nothing proves that the data was read; AUTO_INCREMENT must survive",
    sql: [`CREATE TABLE ${t("empty")} (id INT PRIMARY KEY)`, `CREATE TABLE ${t("emptied")} (id INT AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT = 4711`],
    tables: [[MAIN, "empty", 0], [MAIN, "emptied", 0]],
  },
  {
    group: "shapes", why: "no primary key and equal rows: an XOR of row hashes cancels pairs out, so a lost pair is not seen",
    sql: [`CREATE TABLE ${t("no_pk")} (a INT, b VARCHAR(20))`, `INSERT INTO ${t("no_pk")} VALUES (1, 'twin'), (1, 'twin'), (1, 'twin'), (NULL, NULL), (NULL, NULL), (2, 'x'), (2, 'x ')`],
    tables: [[MAIN, "no_pk", 7]],
  },
  {
    group: "shapes", why: "a unique key that may be NULL and no other: sorted by it, thousands of equal rows come in another order each time",
    sql: [
      `CREATE TABLE ${t("unique_null")} (a INT NULL, b INT NULL, v TEXT, UNIQUE KEY u (a, b))`,
      `INSERT INTO ${t("unique_null")} WITH RECURSIVE s (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < 63) SELECT IF(n % 3, n, NULL), IF(n % 5, n, NULL), REPEAT(SHA2(n, 256), 15) FROM (SELECT x.n * 64 + y.n AS n FROM s x, s y ORDER BY 1) AS numbers`,
    ],
    tables: [[MAIN, "unique_null", 4096]],
  },
  {
    group: "shapes", why: "one column, nothing but NULL",
    sql: [`CREATE TABLE ${t("all_null")} (a INT)`, `INSERT INTO ${t("all_null")} VALUES (NULL), (NULL), (NULL)`],
    tables: [[MAIN, "all_null", 3]],
  },
  {
    group: "shapes", why: "generated columns before, between and after stored ones, with functions, indexed: INSERT must name its columns",
    sql: [
      `CREATE TABLE ${t("generated")} (g0 INT AS (LENGTH(j)) VIRTUAL, id INT PRIMARY KEY, g1 VARCHAR(300) AS (UPPER(SUBSTRING_INDEX(v, '@', -1))) STORED, v VARCHAR(100), g2 BIGINT AS (CRC32(v)) VIRTUAL,
        j VARCHAR(200), g3 VARCHAR(64) AS (SHA2(CONCAT_WS('|', v, j), 256)) VIRTUAL, KEY k2 (g2), KEY k1 (g1(20)))`,
      `INSERT INTO ${t("generated")} (id, v, j) VALUES (1, 'a@b.it', '{}'), (2, NULL, NULL), (3, 'è@ì', 'x')`,
    ],
    tables: [[MAIN, "generated", 3]],
  },
  {
    group: "shapes", why: "only one ordinary column, and invisible: SELECT * and INSERT without names miss it",
    sql: [
      `CREATE TABLE ${t("invisible")} (id INT PRIMARY KEY, hidden VARCHAR(20) INVISIBLE DEFAULT 'h', seen INT)`,
      `INSERT INTO ${t("invisible")} (id, hidden, seen) VALUES (1, 'secret', 1), (2, NULL, 2)`,
      `INSERT INTO ${t("invisible")} VALUES (3, 3)`,
    ],
    tables: [[MAIN, "invisible", 3]],
  },
  {
    group: "shapes", only: "mysql", why: "only generated columns apart from the invisible key that the server made (GIPK): the row is all key",
    sql: ["SET SESSION sql_generate_invisible_primary_key = ON", `CREATE TABLE ${t("gipk_generated")} (g INT AS (41 + 1) VIRTUAL)`, `CREATE TABLE ${t("gipk")} (v VARCHAR(10))`,
      `INSERT INTO ${t("gipk_generated")} () VALUES (), ()`, `INSERT INTO ${t("gipk")} VALUES ('twin'), ('twin')`],
    tables: [[MAIN, "gipk_generated", 2], [MAIN, "gipk", 2]],
  },
  {
    group: "shapes", only: "mysql", why: "defaults as expressions, functional and descending and invisible indexes, a multi-valued index (CHECKSUM TABLE then varies from run to run)",
    sql: [
      `CREATE TABLE ${t("indexes")} (id BINARY(16) DEFAULT (UUID_TO_BIN('00112233-4455-6677-8899-aabbccddeeff')) PRIMARY KEY, j JSON DEFAULT (JSON_ARRAY()), d DATE DEFAULT (CURRENT_DATE + INTERVAL 1 DAY), n INT DEFAULT (1 + 1),
        KEY mv ((CAST(j->'$.tags' AS UNSIGNED ARRAY))), KEY fx ((n * 2) DESC, d), KEY inv (n) INVISIBLE)`,
      `INSERT INTO ${t("indexes")} (id, j, d) VALUES (0x01, '{"tags": [3, 1, 2]}', '2026-01-01'), (0x02, '{"tags": []}', '2026-01-02'), (0x03, NULL, NULL)`,
    ],
    tables: [[MAIN, "indexes", 3]],
  },
  {
    group: "shapes", why: "partitions by list with quoted values, by key without primary key, with subpartitions",
    sql: [
      `CREATE TABLE ${t("part_list")} (c VARCHAR(20) NOT NULL, n INT) PARTITION BY LIST COLUMNS (c) (PARTITION ${id("p'1")} VALUES IN ('a''b', 'c\\\\d', ''), PARTITION p2 VALUES IN ('è'))`,
      `INSERT INTO ${t("part_list")} VALUES ('a''b', 1), ('c\\\\d', 2), ('', 3), ('è', 4)`,
      `CREATE TABLE ${t("part_key")} (a INT, b INT) PARTITION BY KEY (a) PARTITIONS 3`,
      `INSERT INTO ${t("part_key")} VALUES (1, 1), (1, 1), (2, NULL), (NULL, 5)`,
      `CREATE TABLE ${t("part_sub")} (d DATE NOT NULL, n INT) PARTITION BY RANGE (YEAR(d)) SUBPARTITION BY HASH (MONTH(d)) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN (2026), PARTITION p1 VALUES LESS THAN MAXVALUE)`,
      `INSERT INTO ${t("part_sub")} VALUES ('2025-12-31', 1), ('2026-01-01', 2)`,
    ],
    tables: [[MAIN, "part_list", 4], [MAIN, "part_key", 4], [MAIN, "part_sub", 2]],
  },
  {
    group: "shapes", only: "mariadb", why: "sequences look like tables of one row; system-versioned rows vanish without --dump-history",
    sql: [`CREATE SEQUENCE ${t("sequence")} START WITH 100 INCREMENT BY 7`, `DO NEXT VALUE FOR ${t("sequence")}`,
      `CREATE TABLE ${t("versioned")} (id INT PRIMARY KEY, v VARCHAR(20)) WITH SYSTEM VERSIONING`, `INSERT INTO ${t("versioned")} VALUES (1, 'old'), (2, 'gone')`,
      `UPDATE ${t("versioned")} SET v = 'new' WHERE id = 1`, `DELETE FROM ${t("versioned")} WHERE id = 2`],
    tables: [[MAIN, "versioned", 1]],
  },
  {
    group: "constraints", why: "foreign keys to itself, in a circle, to another schema, to a unique key, with cascades: no loading order satisfies them",
    sql: [
      `CREATE TABLE ${t("self")} (id INT PRIMARY KEY, boss INT, CONSTRAINT self_boss FOREIGN KEY (boss) REFERENCES ${t("self")} (id) ON DELETE CASCADE)`,
      `INSERT INTO ${t("self")} VALUES (1, 1), (2, 1), (3, 2)`, `INSERT INTO ${t("self")} VALUES (0, 3)`,
      `CREATE TABLE ${t("circle_a")} (id INT PRIMARY KEY, b INT)`,
      `CREATE TABLE ${t("circle_b")} (id INT PRIMARY KEY, code VARCHAR(10) UNIQUE, a INT, CONSTRAINT b_to_a FOREIGN KEY (a) REFERENCES ${t("circle_a")} (id))`,
      `INSERT INTO ${t("circle_a")} VALUES (1, NULL)`, `INSERT INTO ${t("circle_b")} VALUES (1, 'x', 1)`, `UPDATE ${t("circle_a")} SET b = 1`,
      `ALTER TABLE ${t("circle_a")} ADD CONSTRAINT a_to_b FOREIGN KEY (b) REFERENCES ${t("circle_b")} (id) ON UPDATE CASCADE`,
      `CREATE TABLE ${id(DASHED, "to_other_schema")} (id INT PRIMARY KEY, code VARCHAR(10), CONSTRAINT to_code FOREIGN KEY (code) REFERENCES ${t("circle_b")} (code) ON DELETE SET NULL)`,
      `INSERT INTO ${id(DASHED, "to_other_schema")} VALUES (1, 'x'), (2, NULL)`,
    ],
    tables: [[MAIN, "self", 4], [MAIN, "circle_a", 1], [MAIN, "circle_b", 1], [DASHED, "to_other_schema", 2]],
  },
  {
    group: "constraints", why: "orphans that came in with foreign_key_checks=0: the restore must bring them back, not fail or drop them",
    sql: [
      `CREATE TABLE ${t("orphan_parent")} (id INT PRIMARY KEY)`, `CREATE TABLE ${t("orphan")} (id INT PRIMARY KEY, p INT, CONSTRAINT orphan_fk FOREIGN KEY (p) REFERENCES ${t("orphan_parent")} (id))`,
      "SET SESSION foreign_key_checks = 0", `INSERT INTO ${t("orphan")} VALUES (1, 999)`,
    ],
    tables: [[MAIN, "orphan_parent", 0], [MAIN, "orphan", 1]],
  },
  {
    group: "constraints", why: "CHECK with quotes, backslashes and a name that needs quoting",
    sql: [`CREATE TABLE ${t("checks")} (v VARCHAR(20), CONSTRAINT ${id("ck`'1")} CHECK (v NOT IN ('it''s', 'b\\\\s', 'line\\nfeed', ';;')))`, `INSERT INTO ${t("checks")} VALUES ('ok'), (NULL)`],
    tables: [[MAIN, "checks", 2]],
  },
  {
    group: "constraints", only: "mysql", why: "a CHECK that is NOT ENFORCED and rows that break it",
    sql: [`CREATE TABLE ${t("unenforced")} (v INT, CONSTRAINT ck_off CHECK (v > 0) NOT ENFORCED)`, `INSERT INTO ${t("unenforced")} VALUES (-1)`],
    tables: [[MAIN, "unenforced", 1]],
  },
  {
    group: "engines", why: "MyISAM and MEMORY and CSV rows change under --single-transaction; MEMORY is empty after a restart",
    sql: [
      `CREATE TABLE ${t("myisam")} (id INT PRIMARY KEY, v TEXT, FULLTEXT KEY (v)) ENGINE=MyISAM`, `INSERT INTO ${t("myisam")} VALUES (1, 'not transactional'), (2, NULL)`,
      `CREATE TABLE ${t("memory")} (id INT PRIMARY KEY, v VARCHAR(20)) ENGINE=MEMORY`, `INSERT INTO ${t("memory")} VALUES (1, 'gone at restart')`,
      `CREATE TABLE ${t("csv")} (a INT NOT NULL, b VARCHAR(50) NOT NULL) ENGINE=CSV`, `INSERT INTO ${t("csv")} VALUES (1, 'a,"b"\\nc')`,
    ],
    tables: [[MAIN, "myisam", 2], [MAIN, "memory", 1], [MAIN, "csv", 1]],
  },
  {
    group: "tablespace", only: "mysql", why: "a general tablespace: the dump says TABLESPACE nasty_ts and never creates it (load error 3510)",
    sql: ["CREATE TABLESPACE nasty_ts ADD DATAFILE 'nasty_ts.ibd'", `CREATE TABLE ${t("in_tablespace")} (id INT PRIMARY KEY) TABLESPACE nasty_ts`, `INSERT INTO ${t("in_tablespace")} VALUES (1)`],
    tables: [[MAIN, "in_tablespace", 1]],
  },
];
