import { id, MAIN, type Trap, text } from "./trap.ts";

const t = (name: string) => id(MAIN, name);

/** Every byte once. */
const BYTES = Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString("hex");

/** What mysqldump and the client write and read themselves, as data. */
const LOOKS_LIKE_A_DUMP = [
  "-- Dump completed on 2020-01-01  0:00:00", "\n-- Dump completed on 2020-01-01  0:00:00\n", "INSERT INTO `x` VALUES (1);", "\nINSERT INTO `no_pk` VALUES (9,'injected');\n",
  "\\! touch /tmp/pwned", "\n\\! touch /tmp/pwned\n", "\nsystem touch /tmp/pwned\n", "\nsource /etc/passwd\n", "\nDELIMITER $$\n", ";;", "*/; DROP DATABASE nasty; /*", "/*!50001 DROP DATABASE nasty */",
  "\nUSE mysql;\n", "\\", "\\\\", "\\'", "'", "\"", "`", "\\n", "\\N", "NULL", "null", "0x41", "_binary 'x'", "%s%n", "${HOME}", "=1+1", "@SUM(A1)", "\u0000", "\u001a", "\r\n", "\n", "\t", "", " ", "trailing ", "\u00a0", "\ufeff", "\u2028",
  "🚚", "👩‍👩‍👧", "e\u0301", "\u00e9", "ß", "ss", "ﬁ", "İi", "中文", "العربية", "‮abc",
];

/** Values that a type holds at its edge. */
export const VALUE_TRAPS: readonly Trap[] = [
  {
    group: "text", why: "text that looks like a dump, a client command, an escape, a formula, or nothing",
    sql: [
      `CREATE TABLE ${t("hostile text")} (id INT AUTO_INCREMENT PRIMARY KEY, v TEXT CHARACTER SET utf8mb4, b BLOB, d VARCHAR(60) DEFAULT ${text("it's; -- \\ \"x\" ;;")} COMMENT ${text("-- Dump completed\n/* ';; */")})
        COMMENT ${text("line\n-- Dump completed on 2020-01-01\n\\! id")}`,
      ...LOOKS_LIKE_A_DUMP.map((value) => `INSERT INTO ${t("hostile text")} (v, b) VALUES (${text(value)}, ${text(value)})`),
      `CREATE TABLE ${t("hostile enum")} (e ENUM('a,b', 'it''s', '\\\\', '', 'é', ';;', '-- x'), s SET('x y', 'q''', 'z;', '"'))`,
      `INSERT INTO ${t("hostile enum")} VALUES ('a,b', 'x y'), ('it''s', 'q'',z;'), ('\\\\', ''), ('', '"'), (NULL, NULL), (5, 15)`,
    ],
    tables: [[MAIN, "hostile text", LOOKS_LIKE_A_DUMP.length], [MAIN, "hostile enum", 6]],
  },
  {
    group: "text", why: "the hidden value 0 of ENUM, written under a lax sql_mode: a strict load refuses ''",
    sql: [`CREATE TABLE ${t("enum zero")} (id INT PRIMARY KEY, e ENUM('a', 'b'))`, "SET SESSION sql_mode = ''", `INSERT INTO ${t("enum zero")} VALUES (1, 'wrong'), (2, 'a')`],
    tables: [[MAIN, "enum zero", 2]],
  },
  {
    group: "values", why: "all 256 bytes in every binary type: NUL, quotes, line feeds, what is not UTF-8; empty against NULL; trailing zeros",
    sql: [
      `CREATE TABLE ${t("bytes")} (id INT PRIMARY KEY, bi BINARY(255), vb VARBINARY(300), tb TINYBLOB, bl BLOB, mb MEDIUMBLOB, lb LONGBLOB)`,
      `INSERT INTO ${t("bytes")} VALUES (1, x'${BYTES.slice(0, 510)}', x'${BYTES}', x'${BYTES.slice(2, 512)}', x'${BYTES}', x'${BYTES}', x'${BYTES}'), (2, '', '', '', '', '', ''), (3, NULL, NULL, NULL, NULL, NULL, NULL), (4, x'4100', x'410000', x'00', x'0000', x'27', x'5c')`,
    ],
    tables: [[MAIN, "bytes", 4]],
  },
  {
    group: "values", why: "numbers at their ends; BIT; DECIMAL(65,30); DOUBLE extremes (17 digits needed)",
    sql: [
      `CREATE TABLE ${t("numbers")} (id INT PRIMARY KEY, b1 BIT(1), b64 BIT(64), ti TINYINT, bu BIGINT UNSIGNED, bs BIGINT, zf INT(10) UNSIGNED ZEROFILL, de DECIMAL(65,30), d2 DECIMAL(65,0), do1 DOUBLE, bo BOOL)`,
      `INSERT INTO ${t("numbers")} VALUES
        (1, b'1', b'1111111111111111111111111111111111111111111111111111111111111111', -128, 18446744073709551615, -9223372036854775808, 42, 99999999999999999999999999999999999.999999999999999999999999999999, -${"9".repeat(65)}, 1.7976931348623157e308, 2),
        (2, b'0', b'0', 127, 0, 9223372036854775807, 0, -0.000000000000000000000000000001, 0, 2.2250738585072014e-308, 0),
        (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (4, 0, 10, 0, 1, 1, 1, 0.1, 1, 0.1, 1), (5, 0, 92, 0, 1, 1, 1, 0.1, 1, -0.1, 1), (6, 1, 39, 0, 1, 1, 1, 0.1, 1, 0.30000000000000004, 1)`,
    ],
    tables: [[MAIN, "numbers", 6]],
  },
  {
    group: "values", why: "dates: zero and partly zero dates (refused under a strict sql_mode), YEAR 0, times over 24 hours and below zero, microseconds, both ends, TIMESTAMP in the hour that a zone lives twice",
    sql: [
      `CREATE TABLE ${t("dates")} (id INT PRIMARY KEY, d DATE, dt DATETIME(6), tm TIME(6), y YEAR, ts TIMESTAMP(6) NULL, ts0 TIMESTAMP NULL DEFAULT NULL)`,
      "SET SESSION sql_mode = '', time_zone = '+00:00'",
      `INSERT INTO ${t("dates")} VALUES (1, '0000-00-00', '0000-00-00 00:00:00', '838:59:59', 0, 0, 0), (2, '2026-00-00', '2026-02-00 10:11:12.000001', '-838:59:59.000000', 1901, '1970-01-01 00:00:01.000001', '2038-01-19 03:14:07'),
        (3, '9999-12-31', '9999-12-31 23:59:59.999999', '00:00:00.000001', 2155, '2026-10-25 00:30:00.123456', '2026-10-25 01:30:00'), (4, '1000-01-01', '1000-01-01 00:00:00', '-00:00:00.5', 2000, NULL, NULL)`,
    ],
    tables: [[MAIN, "dates", 4]],
  },
  {
    group: "values", why: "JSON of text only: nesting, escapes, duplicate keys, numbers beyond 2^53, null against NULL",
    sql: [
      `CREATE TABLE ${t("json")} (id INT PRIMARY KEY, j JSON)`,
      `INSERT INTO ${t("json")} VALUES (1, '{"a": "it''s \\\\"quoted\\\\" \\\\\\\\ \\\\u0000 🚚", "b": [1, 2.5, -0.0, 1e300, 18446744073709551615, 9007199254740993], "": {"": null}}'), (2, 'null'), (3, NULL), (4, '[]'), (5, '""'), (6, '${"[".repeat(30)}${"]".repeat(30)}')`,
    ],
    tables: [[MAIN, "json", 6]],
  },
  {
    group: "values", why: "geometry of every kind, empty and nested",
    sql: [
      `CREATE TABLE ${t("geometry")} (id INT PRIMARY KEY, g GEOMETRY, p POINT NOT NULL, SPATIAL KEY (p))`,
      `INSERT INTO ${t("geometry")} VALUES (1, ST_GeomFromText('POLYGON((0 0,10 0,10 10,0 10,0 0),(1 1,2 1,2 2,1 2,1 1))'), POINT(1.1, -2.2)), (2, ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1e-300 1e300))'), POINT(0, 0)), (3, NULL, POINT(-0e0, 1e308))`,
    ],
    tables: [[MAIN, "geometry", 3]],
  },
  {
    group: "values", only: "mysql", why: "geometry with a reference system whose axes are swapped, and VECTOR (binary floats, dumped as hex or text)",
    sql: [
      `CREATE TABLE ${t("srid")} (id INT PRIMARY KEY, p POINT NOT NULL SRID 4326, SPATIAL KEY (p))`, `INSERT INTO ${t("srid")} VALUES (1, ST_SRID(POINT(12.04, 44.22), 4326))`,
      `CREATE TABLE ${t("vector")} (id INT PRIMARY KEY, v VECTOR(4))`, `INSERT INTO ${t("vector")} VALUES (1, STRING_TO_VECTOR('[0.1, -3.4028234e38, 16777217, 1.2e-38]')), (2, NULL)`,
    ],
    tables: [[MAIN, "srid", 1], [MAIN, "vector", 2]],
  },
  {
    group: "charsets", why: "tables not in UTF-8, columns in several sets, a byte of latin1 that is no UTF-8, collations that see equal what differs",
    sql: [
      `CREATE TABLE ${t("latin1")} (id INT PRIMARY KEY, v VARCHAR(50)) CHARACTER SET latin1`, `INSERT INTO ${t("latin1")} VALUES (1, 'perché no? €'), (2, _latin1 x'e8e9ff80'), (3, '')`,
      `CREATE TABLE ${t("utf16")} (id INT PRIMARY KEY, v VARCHAR(50)) CHARACTER SET utf16`, `INSERT INTO ${t("utf16")} VALUES (1, 'città 🚚'), (2, '')`,
      `CREATE TABLE ${t("mixed")} (a VARCHAR(20) CHARACTER SET ascii, b VARCHAR(20) CHARACTER SET cp1252x, c VARCHAR(20) CHARACTER SET utf8mb3, d CHAR(4) CHARACTER SET ucs2, e VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, f VARCHAR(20) CHARACTER SET koi8r, g TEXT CHARACTER SET sjis)`.replace("cp1252x", "cp1250"),
      `INSERT INTO ${t("mixed")} VALUES ('a', 'Škoda', 'è', 'ab', 'É', 'Привет', '表示')`,
      `CREATE TABLE ${t("collation")} (v VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY, w VARCHAR(20) COLLATE utf8mb4_unicode_ci)`, `INSERT INTO ${t("collation")} VALUES ('casa', 'casa'), ('Casa', 'CASA'), ('càsa', 'casà'), ('casà ', 'casa ')`,
    ],
    tables: [[MAIN, "latin1", 3], [MAIN, "utf16", 2], [MAIN, "mixed", 1], [MAIN, "collation", 4]],
  },
  {
    group: "lossy", why: "FLOAT is written with 6 digits: 16777216 comes back as 16777200; without a key a replayed binary log then finds no row (1032)",
    sql: [`CREATE TABLE ${t("float_no_pk")} (f FLOAT, n INT)`, `INSERT INTO ${t("float_no_pk")} VALUES (16777216, 1), (3.4028234e38, 2), (1.17549435e-38, 3), (0.1, 4), (-0e0, 5), (NULL, 6)`],
    tables: [[MAIN, "float_no_pk", 6]],
  },
  {
    group: "lossy", why: "dates that no calendar has (ALLOW_INVALID_DATES): the load turns them into 0000-00-00 without an error; a DOUBLE of minus zero loses its sign on MySQL",
    sql: [`CREATE TABLE ${t("invalid_dates")} (id INT PRIMARY KEY, d DATE, dt DATETIME, f DOUBLE)`, "SET SESSION sql_mode = 'ALLOW_INVALID_DATES'", `INSERT INTO ${t("invalid_dates")} VALUES (1, '2026-02-31', '2026-02-30 00:00:00', -0e0)`],
    tables: [[MAIN, "invalid_dates", 1]],
  },
  {
    group: "lossy", only: "mysql", why: "opaque values in JSON: a dump turns DATETIME and BLOB into strings and DECIMAL into DOUBLE",
    sql: [`CREATE TABLE ${t("json_opaque")} (id INT PRIMARY KEY, j JSON)`,
      `INSERT INTO ${t("json_opaque")} VALUES (1, JSON_OBJECT('t', CAST('2026-01-01 00:00:00.000001' AS DATETIME(6)), 'b', CAST('x' AS BINARY), 'd', CAST(0.1 AS DECIMAL(30,20)), 'f', CAST('12:00' AS TIME))), (2, JSON_ARRAY(b'101', CURRENT_DATE))`],
    tables: [[MAIN, "json_opaque", 2]],
  },
];
