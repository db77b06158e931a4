import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findReferences, withOwnReferencesNamed, withOwnTriggerHeaders, withoutObjects, withReferencesTo } from "./references.ts";
import { splitStatements } from "./statements.ts";

const found = (sql: string): string[] => findReferences(sql, ["shop"]).map(({ object }) => object);

describe("findReferences", () => {
  it.each([
    ["a quoted qualified name", "CREATE VIEW `v` AS select * from `shop`.`orders`", ["view v"]],
    ["a bare one with spaces", "CREATE PROCEDURE p() SELECT 1 FROM shop . orders", ["procedure p"]],
    ["another case", "CREATE FUNCTION f() RETURNS INT RETURN (SELECT 1 FROM SHOP.x)", ["function f"]],
    ["double quotes (ANSI_QUOTES)", 'CREATE VIEW v AS select * from "shop"."orders"', ["view v"]],
    ["a version comment", "/*!50001 CREATE */ /*!50013 DEFINER=`a`@`%` */ /*!50001 VIEW `v` AS select `shop`.`o`.`id` from `shop`.`o` */", ["view v"]],
    ["MariaDB's own comment", "/*M!100100 CREATE TRIGGER t BEFORE INSERT ON o FOR EACH ROW SET @a = shop.f() */", ["trigger t"]],
    ["a foreign key", "CREATE TABLE `t` (a int, CONSTRAINT c FOREIGN KEY (a) REFERENCES `shop`.`p` (id))", ["table t"]],
  ])("sees %s", (_what, sql, expected) => expect(found(sql)).toEqual(expected));

  it.each([
    ["a string", "CREATE PROCEDURE p() SELECT 'shop.orders', 'it''s shop.x \\' shop.y'"],
    ["comments", "CREATE PROCEDURE p() SELECT 1 -- shop.x\n # shop.y\n /* shop.z */"],
    ["a column of that name", "CREATE VIEW v AS SELECT `t`.`shop` FROM t"],
    ["a column of a qualified table", "CREATE VIEW v AS SELECT other.t.shop FROM other.t"],
    ["a longer name", "CREATE VIEW v AS SELECT * FROM `shop2`.`o`, myshop.o, shop_x.o"],
    ["a name that holds quotes", "CREATE VIEW v AS SELECT 1 AS `'shop.x`"],
  ])("is not fooled by %s", (_what, sql) => expect(found(sql)).toEqual([]));

  it("names the object behind a DELIMITER and a definer", () => {
    const sql = "DELIMITER ;;\nCREATE DEFINER=`shop`@`%` PROCEDURE `a;;b`()\nBEGIN SELECT ';;'; CALL shop.x(); END ;;\nCREATE PROCEDURE q() SELECT 1 ;;\nDELIMITER ;\n";
    expect(found(sql)).toEqual(["procedure a;;b"]);
    expect(withoutObjects(sql, new Set(["procedure a;;b"]))).toBe("DELIMITER ;;\n\nCREATE PROCEDURE q() SELECT 1 ;;\nDELIMITER ;\n");
    expect(withoutObjects(sql, new Set(["function q", "view a;;b"]))).toBe(sql);
  });

  it.each([
    ["PREPARE", "DELIMITER ;;\nCREATE PROCEDURE p() BEGIN SET @s = CONCAT('DELETE FROM `shop`', '.orders'); PREPARE x FROM @s; EXECUTE x; END;;\n", ["procedure p"]],
    ["EXECUTE IMMEDIATE", "CREATE PROCEDURE p() EXECUTE IMMEDIATE 'TRUNCATE shop.orders'", ["procedure p"]],
    ["another word in such a text", "CREATE PROCEDURE p() EXECUTE IMMEDIATE 'SELECT workshop.x, shop_2.y, shops'", []],
  ])("looks into texts that become statements: %s", (_what, sql, expected) => expect(found(sql)).toEqual(expected));

  it("takes a trigger's own schema out of its header and nothing else", () => {
    const body = "FOR EACH ROW INSERT INTO shop.log VALUES ('shop.t')";
    expect(withOwnTriggerHeaders(`CREATE DEFINER=\`a\`@\`%\` TRIGGER \`Shop\` . \`t\` BEFORE INSERT ON shop.orders ${body};\n`, "shop")).toBe(`CREATE DEFINER=\`a\`@\`%\` TRIGGER  \`t\` BEFORE INSERT ON orders ${body};\n`);
    expect(found(withOwnTriggerHeaders("CREATE TRIGGER shop.t BEFORE INSERT ON shop.orders FOR EACH ROW SET @a = 1", "shop"))).toEqual([]);
    expect(found(withOwnTriggerHeaders(`CREATE TRIGGER shop.t BEFORE INSERT ON shop.orders ${body}`, "shop"))).toEqual(["trigger t"]);
    const procedure = "CREATE PROCEDURE p() SELECT 1 FROM shop.x; -- FOR EACH ROW";
    expect(withOwnTriggerHeaders(procedure, "shop")).toBe(procedure);
  });

  it("points foreign keys at the schemas' other names, and changes nothing else", () => {
    const table = (schema: string): string => `CREATE TABLE \`t\` (\n  a int DEFAULT 1 COMMENT 'REFERENCES \`shop\`.\`p\`',\n  CONSTRAINT \`references\` FOREIGN KEY (a) REFERENCES ${schema}.\`p\` (\`shop\`)\n);\n`;
    expect(withReferencesTo(table("`shop`"), { shop: "new`one" })).toBe(table("`new``one`"));
    expect(withReferencesTo(table("`Shop`"), { shop: "x" })).toBe(table("`Shop`"));
    expect(found(withReferencesTo(table("`shop`"), { shop: "x" }))).toEqual([]);
    const procedure = "CREATE PROCEDURE p() CREATE TEMPORARY TABLE x (a int REFERENCES shop.t (a));\n";
    expect(withReferencesTo(procedure, { shop: "x" })).toBe(procedure);
  });

  it("never finds a name that stands in a string or comment, whatever stands around it", () => {
    const noise = fc.stringMatching(/^[a-z0-9 =+();,.]*$/);
    fc.assert(
      fc.property(noise, fc.string(), noise, (before, text, after) => {
        const literal = `'${`shop.${text}`.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
        const clean = (part: string): string => part.replaceAll("shop", "");
        expect(findReferences(`${clean(before)} ${literal} ${clean(after)}`, ["shop"])).toEqual([]);
      }),
    );
  });

  it("always finds a quoted reference between whole statements", () => {
    const piece = fc.constantFrom("SELECT 1;", "SELECT 'a;b';", "/* ; */", "-- ;\n", "SELECT `x;y`;", "DELIMITER ;;\nSELECT 1;;\nDELIMITER ;\n");
    fc.assert(fc.property(fc.array(piece), fc.array(piece), (before, after) => {
      expect(found(`${before.join("\n")}\nCREATE VIEW v AS SELECT * FROM \`shop\`.t;\n${after.join("\n")}`)).toEqual(["view v"]);
    }));
  });
});

describe("withOwnReferencesNamed", () => {
  const table = (references: string): string => `/*!40101 SET @a = 1 */;\nCREATE TABLE \`orders\` (\n  \`references\` int COMMENT 'REFERENCES \`customers\`',\n  CONSTRAINT \`k\` FOREIGN KEY (\`a\`) REFERENCES ${references} (\`id\`) ON DELETE CASCADE\n);\n`;

  it.each([
    ["a table that stays", "`customers`", "`sh``op`.`customers`"],
    ["a name that must be quoted", "`a``.b c`", "`sh``op`.`a``.b c`"],
    ["one that comes along", "`orders`", "`orders`"],
    ["another schema", "`other`.`customers`", "`other`.`customers`"],
  ])("%s", (_what, before, after) => expect(withOwnReferencesNamed(table(before), "sh`op", new Set(["orders", "lines"]))).toBe(table(after)));

  it("several keys of several tables; what is no table stays", () => {
    const keys = "CREATE TABLE `b` (FOREIGN KEY (`x`) REFERENCES `p` (`id`), FOREIGN KEY (`y`) REFERENCES `b` (`id`), FOREIGN KEY (`z`) REFERENCES `q` (`id`));\n";
    const procedure = "CREATE PROCEDURE p() SELECT 'x' AS `references`, `customers` FROM t;\n";
    expect(withOwnReferencesNamed(keys + procedure + keys, "s", new Set(["b"]))).toBe([keys, procedure, keys].join("").replaceAll("`p`", "`s`.`p`").replaceAll("`q`", "`s`.`q`"));
  });
});

describe("splitStatements", () => {
  it("covers each statement once and keeps order", () => {
    const sql = "-- head\nSELECT 1;\n/*!40101 SET @a = 1 */;\nDELIMITER ;;\nBEGIN a; b; END ;;\nDELIMITER ;\nSELECT 2";
    expect(splitStatements(sql).map(({ text }) => text.trim())).toEqual(["-- head\nSELECT 1", "/*!40101 SET @a = 1 */", "BEGIN a; b; END", "SELECT 2"]);
  });

  it("gives ranges that do not overlap and lie in the text", () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom("a", ";", "'", "`", "\n", "-", " ", "/", "*", "\\", "DELIMITER $$\n", "$$") }), (sql) => {
      let last = 0;
      for (const { text, start, end } of splitStatements(sql)) {
        expect(start).toBeGreaterThanOrEqual(last);
        expect(sql.slice(start, start + text.length)).toBe(text);
        expect(end).toBeLessThanOrEqual(sql.length);
        last = end;
      }
    }));
  });
});
