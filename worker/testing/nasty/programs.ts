import { DASHED, HOSTILE, id, MAIN, type Trap } from "./trap.ts";

const t = (name: string) => id(MAIN, name);

/** Text inside bodies that ends a dump, a statement or a session for whoever reads it line by line. */
const BODY_NOISE = `
  -- Dump completed on 2020-01-01  0:00:00
  /* USE mysql;; DELIMITER ;
DELIMITER ;
USE \`mysql\`;
-- Dump completed
  */
  # it's a "comment" with \`quotes\` ;;
`;

/** Views, routines, triggers, events. */
export const PROGRAM_TRAPS: readonly Trap[] = [
  {
    group: "views", why: "views: each algorithm, both check options, both securities, a definer that does not exist, columns to be quoted, text with quotes, a view on a view whose name sorts before it, across schemas",
    sql: [
      `CREATE TABLE ${t("view_base")} (id INT PRIMARY KEY, v VARCHAR(50), n INT)`, `INSERT INTO ${t("view_base")} VALUES (1, 'a', 10), (2, 'it''s', 20)`,
      `CREATE ALGORITHM=MERGE DEFINER='ghost'@'no.such.host' SQL SECURITY INVOKER VIEW ${t("view`merge")} AS SELECT id AS ${id("a`b")}, v AS ${id("c d")} FROM ${t("view_base")} WHERE v <> 'x;; -- y' WITH LOCAL CHECK OPTION`,
      `CREATE ALGORITHM=TEMPTABLE SQL SECURITY DEFINER VIEW ${t("view_temptable")} (cnt, txt) AS SELECT COUNT(*), 'back\\\\slash ''quote'' "double" \\n-- Dump completed' FROM ${t("view_base")}`,
      `CREATE VIEW ${t("a_first")} AS SELECT * FROM ${t("view`merge")}`,
      `CREATE VIEW ${id(HOSTILE, "cross")} AS SELECT x.id, y.v FROM ${t("view_base")} x LEFT JOIN ${t("view_base")} y ON y.n = x.n + 10`,
      `CREATE VIEW ${id(DASHED, "--cross")} AS SELECT * FROM ${id(HOSTILE, "cross")}`,
      `CREATE VIEW ${t("z_cross")} AS SELECT * FROM ${id(DASHED, "--cross")}`,
    ],
    tables: [[MAIN, "view_base", 2]],
    views: [[MAIN, "view`merge"], [MAIN, "view_temptable"], [MAIN, "a_first"], [HOSTILE, "cross"], [DASHED, "--cross"], [MAIN, "z_cross"]],
  },
  {
    group: "views", why: "a view whose meaning depends on the sql_mode of its creation (|| as concatenation)",
    sql: ["SET SESSION sql_mode = 'PIPES_AS_CONCAT,ANSI_QUOTES'", `CREATE VIEW ${t("view_pipes")} AS SELECT 'a' || 'b' AS "v w"`],
    views: [[MAIN, "view_pipes"]],
  },
  {
    group: "brokenView", why: "its table is gone: mysqldump stops there with code 2 and every later table is missing",
    sql: [`CREATE TABLE ${t("soon_gone")} (id INT)`, `CREATE VIEW ${t("broken view")} AS SELECT id FROM ${t("soon_gone")}`, `DROP TABLE ${t("soon_gone")}`],
    views: [[MAIN, "broken view"]],
  },
  {
    group: "routines", why: "bodies with delimiters, comments, quotes and trailer lines; names to be quoted; a function that is not deterministic (error 1418 where the target logs binlog)",
    sql: [
      `CREATE PROCEDURE ${t("pro`c ;;")} (IN ${id("in`1")} VARCHAR(20), OUT o INT, INOUT io TEXT) COMMENT 'it''s ;; -- \\\\'\nBEGIN${BODY_NOISE}  SET io = CONCAT(';;', '-- Dump completed', "it's", '\\\\', ${id("in`1")});\n  SET o = 1;\nEND`,
      `CREATE FUNCTION ${t("random_text")} (n INT) RETURNS VARCHAR(50) CHARACTER SET utf8mb4 NOT DETERMINISTIC NO SQL RETURN CONCAT(n, '-', UUID(), 'è 🚚')`,
      `CREATE FUNCTION ${id(HOSTILE, "f'\"")} () RETURNS INT DETERMINISTIC RETURN 1`,
      `CREATE PROCEDURE ${id(DASHED, "-p")} () SELECT 1`,
      `CREATE DEFINER='ghost'@'no.such.host' PROCEDURE ${t("of_a_ghost")} () SQL SECURITY INVOKER BEGIN END`,
      // Routine and table may share a name, and so may a function and a procedure.
      `CREATE PROCEDURE ${t("twice")} () SELECT 1`, `CREATE FUNCTION ${t("twice")} () RETURNS INT DETERMINISTIC RETURN 2`,
    ],
    routines: [[MAIN, "pro`c ;;", "PROCEDURE"], [MAIN, "random_text", "FUNCTION"], [HOSTILE, "f'\"", "FUNCTION"], [DASHED, "-p", "PROCEDURE"], [MAIN, "of_a_ghost", "PROCEDURE"], [MAIN, "twice", "PROCEDURE"], [MAIN, "twice", "FUNCTION"]],
  },
  {
    group: "routines", why: "each routine keeps the sql_mode of its creation: the first does not even parse under the default one",
    sql: [
      "SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES'", `CREATE PROCEDURE ${t("mode_ansi")} () SELECT "id" || '\\' AS "x y" FROM "nasty"."same_name"`,
      "SET SESSION sql_mode = ''", `CREATE FUNCTION ${t("mode_none")} () RETURNS DATE DETERMINISTIC RETURN '0000-00-00'`,
    ],
    routines: [[MAIN, "mode_ansi", "PROCEDURE"], [MAIN, "mode_none", "FUNCTION"]],
  },
  {
    group: "routines", why: "created by a client that said latin1 and sent UTF-8 (the classic): the body's character set is part of it",
    sql: ["SET NAMES latin1", `CREATE FUNCTION ${t("from_latin1")} () RETURNS VARCHAR(20) CHARACTER SET latin1 DETERMINISTIC RETURN 'perché'`],
    routines: [[MAIN, "from_latin1", "FUNCTION"]],
  },
  {
    group: "routines", why: "three triggers on one event in an order against their names, one per sql_mode; if they fire during the load, the log has rows too many",
    sql: [
      `CREATE TABLE ${t("fired")} (id INT AUTO_INCREMENT PRIMARY KEY, who VARCHAR(20))`, `CREATE TABLE ${t("firing")} (id INT PRIMARY KEY, v VARCHAR(50))`,
      `INSERT INTO ${t("firing")} VALUES (1, 'before the triggers')`,
      `CREATE TRIGGER ${t("tr_z")} BEFORE INSERT ON ${t("firing")} FOR EACH ROW INSERT INTO ${t("fired")} (who) VALUES ('z first')`,
      "SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT'",
      `CREATE TRIGGER ${t("tr`m")} BEFORE INSERT ON ${t("firing")} FOR EACH ROW FOLLOWS ${t("tr_z")} BEGIN${BODY_NOISE} SET NEW."v" = 'm' || NEW.v; END`.replace("FOLLOWS `nasty`.", "FOLLOWS "),
      "SET SESSION sql_mode = DEFAULT",
      `CREATE TRIGGER ${t("tr_a")} BEFORE INSERT ON ${t("firing")} FOR EACH ROW FOLLOWS ${id("tr`m")} SET NEW.v = CONCAT(NEW.v, ';;')`,
      `CREATE DEFINER='ghost'@'no.such.host' TRIGGER ${t("tr_ghost")} BEFORE DELETE ON ${t("firing")} FOR EACH ROW SET @x = OLD.id`,
    ],
    tables: [[MAIN, "fired", 0], [MAIN, "firing", 1]],
    triggers: [[MAIN, "tr_z"], [MAIN, "tr`m"], [MAIN, "tr_a"], [MAIN, "tr_ghost"]],
  },
  {
    group: "routines", why: "events in other zones, disabled, ended and preserved, with hostile bodies; a restored event that is on would act on its own",
    sql: [
      "SET SESSION time_zone = '+05:45'", `CREATE EVENT ${t("ev_nepal")} ON SCHEDULE EVERY 1 YEAR STARTS '2037-01-01 00:00:00' ON COMPLETION PRESERVE COMMENT 'it''s -- \\\\' DO BEGIN${BODY_NOISE.replaceAll(";;", ";")} SELECT 1; END`,
      "SET SESSION time_zone = '-11:00', sql_mode = 'ANSI_QUOTES'", `CREATE EVENT ${t("ev`off")} ON SCHEDULE AT '2037-06-01 12:00:00' ON COMPLETION PRESERVE DISABLE DO SELECT 1 AS "x"`,
      `CREATE EVENT ${id(HOSTILE, "ev'")} ON SCHEDULE EVERY '1:30' HOUR_MINUTE STARTS '2037-01-01 00:00:00' ENDS '2037-12-31 00:00:00' DO SELECT '-- Dump completed'`,
    ],
    events: [[MAIN, "ev_nepal"], [MAIN, "ev`off"], [HOSTILE, "ev'"]],
  },
  {
    group: "checkOption", why: "WITH CHECK OPTION on a view whose name sorts after it: mysqldump creates it while the other is still a placeholder, and the load stops (error 1368)",
    sql: [`CREATE TABLE ${t("checked")} (id INT PRIMARY KEY)`, `CREATE VIEW ${t("z_below")} AS SELECT * FROM ${t("checked")}`, `CREATE VIEW ${t("a_above")} AS SELECT * FROM ${t("z_below")} WHERE id > 0 WITH CASCADED CHECK OPTION`],
    tables: [[MAIN, "checked", 0]], views: [[MAIN, "z_below"], [MAIN, "a_above"]],
  },
  {
    group: "delimiterEvent", why: "an event holding `;;`: mysqldump --events looks for a longer delimiter in a loop whose counter it never moves, and spins at 100 % CPU without end (seen on 9.7 and MariaDB 10.11: create_delimiter raises the wrong variable)",
    sql: [`CREATE EVENT ${t("ev_delimiter")} ON SCHEDULE EVERY 1 YEAR STARTS '2037-01-01 00:00:00' DISABLE DO SELECT ';;'`],
    events: [[MAIN, "ev_delimiter"]],
  },
];
