import { createHash } from "node:crypto";

/** Statements and what the binary log must then hold: one line for each transaction, `table +inserted ~updated -deleted` or kinds of statements. */
export interface Step {
  readonly sql: readonly string[];
  readonly logged: readonly string[];
}

const MEGABYTES_30 = 30 * 1024 * 1024;
const step = (sql: string | readonly string[], ...logged: string[]): Step => ({ sql: typeof sql === "string" ? [sql] : sql, logged });

export const COMMON_STEPS: readonly Step[] = [
  step(["CREATE DATABASE logged", "USE logged"], "create *"),
  step(
    `CREATE TABLE every (id INT PRIMARY KEY AUTO_INCREMENT, ti TINYINT, si SMALLINT UNSIGNED, mi MEDIUMINT, bi BIGINT, d1 DECIMAL(65,30), d2 DECIMAL(9,0), d3 DECIMAL(7,7), f FLOAT, g DOUBLE, b1 BIT(1), b2 BIT(64), b3 BIT(11),
      y YEAR, da DATE, t0 TIME, t3 TIME(3), dt DATETIME, dt6 DATETIME(6), ts TIMESTAMP NULL, ts1 TIMESTAMP(1) NULL, c CHAR(10), cw CHAR(255), vb VARBINARY(255), v VARCHAR(60), vw VARCHAR(4000), bin BINARY(16),
      e ENUM('a','b'), s SET('a','b','c','d','e','f','g','h','i'), tb TINYBLOB, b BLOB, mb MEDIUMTEXT, lb LONGBLOB, j JSON, p POINT, gen INT AS (ti + 1) STORED)`,
    "create every",
  ),
  step(
    `INSERT INTO every (ti,si,mi,bi,d1,d2,d3,f,g,b1,b2,b3,y,da,t0,t3,dt,dt6,ts,ts1,c,cw,vb,v,vw,bin,e,s,tb,b,mb,lb,j,p) VALUES
      (1,2,3,4,1.5,7,0.1,1,2,1,3,5,2020,'2020-01-01','10:00','10:00:00.5','2020-01-01','2020-01-01 00:00:00.123456','2020-01-01','2020-01-01','c',REPEAT('w',255),REPEAT('v',255),'secret',REPEAT('€',4000),'b','a','a,i','t','b',REPEAT('m',70000),'l','{"a":1}',POINT(1,2)),
      (-1,2,-3,-4,-1.5,-7,-0.1,1,2,0,3,5,2020,'2020-01-01','-10:00','10:00:00.5','2020-01-01','2020-01-01 00:00:00.123456','2020-01-01','2020-01-01','','','','','','','b','','','','','','[]',POINT(1,2))`,
    "every +2 ~0 -0",
  ),
  step("INSERT INTO every () VALUES (), (), ()", "every +3 ~0 -0"),
  step("UPDATE every SET v = CONCAT(IFNULL(v, ''), 'more'), ti = 5, lb = REPEAT('x', 300)", "every +0 ~5 -0"),
  step("DELETE FROM every WHERE id > 3", "every +0 ~0 -2"),
  step("CREATE TABLE keyless (a INT, b VARCHAR(20))", "create keyless"),
  step("INSERT INTO keyless VALUES (1, 'twin'), (1, 'twin'), (NULL, NULL)", "keyless +3 ~0 -0"),
  step("INSERT INTO keyless SELECT a.a, a.b FROM keyless a, keyless b, keyless c, keyless d, keyless e, keyless f, keyless g, keyless h, keyless i", "keyless +19683 ~0 -0"),
  step("DELETE FROM keyless WHERE a = 1", "keyless +0 ~0 -13124"),
  step(["BEGIN", "INSERT INTO keyless VALUES (1, 'x')", "SAVEPOINT s", "INSERT INTO every (v) VALUES ('gone')", "ROLLBACK TO s", "UPDATE every SET ti = 6 WHERE id = 1", "COMMIT"], "keyless +1 ~0 -0, every +0 ~1 -0"),
  step(["BEGIN", "DELETE FROM keyless", "ROLLBACK"]),
  step(["CREATE TABLE plain (i INT) ENGINE=MyISAM", "INSERT INTO plain VALUES (1), (2)"], "create plain", "plain +2 ~0 -0"),
  step(["SET SESSION binlog_row_image = MINIMAL", "UPDATE every SET ti = 7, v = 'w' WHERE id = 2", "DELETE FROM every WHERE id = 3", "SET SESSION binlog_row_image = FULL"], "every +0 ~1 -0", "every +0 ~0 -1"),
  step("CREATE TABLE big (id INT PRIMARY KEY, b LONGBLOB, after_it VARCHAR(300))", "create big"),
  step(`INSERT INTO big VALUES (1, REPEAT('q', ${MEGABYTES_30}), 'a'), (2, REPEAT('r', 65536), NULL)`, "big +2 ~0 -0"),
  step("UPDATE big SET after_it = REPEAT('z', 256)", "big +0 ~2 -0"),
  step(["XA START 'one'", "INSERT INTO keyless VALUES (5, 'xa')", "XA END 'one'", "XA PREPARE 'one'", "XA COMMIT 'one'"], "keyless +1 ~0 -0, xa prepare", "xa commit"),
  step(["XA START 'two'", "INSERT INTO keyless VALUES (5, 'xa')", "XA END 'two'", "XA PREPARE 'two'", "XA ROLLBACK 'two'"], "keyless +1 ~0 -0, xa prepare", "xa rollback"),
  step(["SET timestamp = 1893456000", "INSERT INTO keyless VALUES (6, 'later')", "SET timestamp = DEFAULT"], "keyless +1 ~0 -0"),
  step("CREATE USER visitor@localhost IDENTIFIED BY 'secret'", "account"),
  step("CREATE VIEW seen AS SELECT 'secret' AS word, id FROM every", "create"),
  step("ALTER TABLE keyless ADD c INT", "alter keyless"),
  step("RENAME TABLE keyless TO renamed", "rename keyless renamed"),
  step("TRUNCATE TABLE renamed", "truncate renamed"),
  step(["DROP TABLE renamed", "DROP TABLE IF EXISTS `plain`"], "drop renamed", "drop plain"),
];

export const MYSQL_STEPS: readonly Step[] = [
  step(["SET SESSION binlog_row_value_options = PARTIAL_JSON", "UPDATE every SET j = JSON_SET(j, '$.a', 2), v = 'p' WHERE id < 3", "SET SESSION binlog_row_value_options = ''"], "every +0 ~2 -0"),
  step(["SET gtid_next = 'AUTOMATIC:tag_of_32_characters_0123456789a'", "INSERT INTO every (v) VALUES ('t')", "INSERT INTO every (v) VALUES ('t')", "SET gtid_next = AUTOMATIC"], "every +1 ~0 -0", "every +1 ~0 -0"),
  step(["SET SESSION binlog_transaction_compression = ON", "INSERT INTO every (v) SELECT 'z' FROM every a, every b", "UPDATE every SET ti = 1"], "every +16 ~0 -0", "every +0 ~20 -0"),
  step([`INSERT INTO big VALUES (3, REPEAT('q', ${MEGABYTES_30}), 'a')`, "DELETE FROM big", "SET SESSION binlog_transaction_compression = OFF"], "big +1 ~0 -0", "big +0 ~0 -3"),
  step("CREATE TABLE copied AS SELECT id FROM every WHERE id <= 2", "copied +2 ~0 -0, create copied"),
];

export const STATEMENT_STEPS: readonly Step[] = [
  step(["SET SESSION binlog_format = STATEMENT", "UPDATE every SET v = 'secret' WHERE id = 1", "INSERT INTO every (v) VALUES ('x')", "SET SESSION binlog_format = ROW"], "update every, as statement", "insert every, as statement"),
];

/** 200 kB that do not get smaller than 100 kB. */
const NOISE = Array.from({ length: 3200 }, (_, index) => createHash("sha256").update(String(index)).digest("hex")).join("");

export const MARIADB_STEPS: readonly Step[] = [
  step(["SET GLOBAL log_bin_compress = ON", "INSERT INTO every (v) SELECT REPEAT('z', 50) FROM every a, every b", "UPDATE every SET v = REPEAT('y', 60)"], "every +9 ~0 -0", "every +0 ~12 -0"),
  step(["SET SESSION binlog_format = STATEMENT", `UPDATE every SET ti = 1 WHERE v IN (${Array.from({ length: 60 }, () => "'a long secret'").join(",")})`, `DELETE FROM every WHERE v = '${NOISE}'`, "SET SESSION binlog_format = ROW"], "update every, as statement", "delete every, as statement"),
  step([`INSERT INTO big VALUES (3, REPEAT('q', ${MEGABYTES_30}), 'a')`, "SET GLOBAL log_bin_compress = OFF"], "big +1 ~0 -0"),
  step(["SET SESSION gtid_domain_id = 7", "INSERT INTO every (v) VALUES ('d')", "SET SESSION gtid_domain_id = 0"], "every +1 ~0 -0"),
  step(["CREATE TABLE narrow (id INT PRIMARY KEY, c VARCHAR(400) COMPRESSED, b BLOB COMPRESSED)", "INSERT INTO narrow VALUES (1, REPEAT('c', 300), REPEAT('b', 3000)), (2, '', NULL)"], "create narrow", "narrow +2 ~0 -0"),
  step("CREATE OR REPLACE TABLE copied AS SELECT id FROM every WHERE id <= 2", "copied +2 ~0 -0, create copied"),
];
