import { expect, it } from "vitest";
import { namesBareTables } from "./bare-tables.ts";

it.each([
  "SELECT COUNT(*) FROM orders",
  "select count(*) from `orders`",
  'SELECT COUNT(*) FROM "orders"',
  "SELECT COUNT(*) FROM shop.orders o, lines l",
  "SELECT COUNT(*) FROM shop.orders o LEFT JOIN lines l ON l.id = o.id",
  "SELECT (SELECT MAX(id) FROM orders)",
  "SELECT COUNT(*) FROM (SELECT 1 FROM orders) x",
  "SELECT COUNT(*) FROM (shop.orders o JOIN lines l ON l.id = o.id)",
  "WITH recent AS (SELECT id FROM orders) SELECT COUNT(*) FROM recent",
  "SELECT 1 FROM shop.a WHERE EXISTS (SELECT 1 FROM b)",
  "SELECT 1 FROM shop.a UNION SELECT 2 FROM b",
  "((SELECT 1 FROM orders))",
  "SELECT /*! COUNT(*) FROM orders */",
  "SELECT COUNT(*) FROM shop.a, LATERAL (SELECT 1 FROM b) x",
])("%s depends on the schema chosen", (sql) => expect(namesBareTables(sql)).toBe(true));

it.each([
  "SELECT 1",
  "SELECT 1 FROM dual",
  "SELECT COUNT(*) FROM shop.orders",
  "SELECT COUNT(*) FROM `shop`.`orders` AS o JOIN shop . `lines` l USING (id, place) WHERE o.from_day > 1",
  "SELECT EXTRACT(YEAR FROM placed), TRIM(LEADING 'x' FROM name), SUBSTRING(name FROM 2 FOR 3) FROM shop.orders",
  "WITH recent AS (SELECT id FROM shop.orders), older (a, b) AS (SELECT 1, 2 FROM recent) SELECT COUNT(*) FROM recent, older",
  "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT MAX(i) FROM n",
  "SELECT COUNT(*) FROM JSON_TABLE('[1]', '$[*]' COLUMNS (id INT PATH '$')) x",
  "SELECT COUNT(*) FROM (SELECT a, b FROM shop.orders ORDER BY a, b LIMIT 3, 4) x",
  "SELECT 'a FROM orders' -- FROM orders",
  "SELECT COUNT(*) FROM shop.orders USE INDEX (a, b) WHERE x IN (1, 2) GROUP BY a, b HAVING COUNT(*) > 1",
  "SELECT 1 FROM shop.a o WHERE o.order = 1",
])("%s does not", (sql) => expect(namesBareTables(sql)).toBe(false));
