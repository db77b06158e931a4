import { describe, expect, it } from "vitest";
import { planDeferral, withoutCounter } from "./deferral.ts";

const table = (name: string, lines: readonly string[], options = ") ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4") => ({
  schema: "s",
  table: name,
  create: `CREATE TABLE \`${name}\` (\n${lines.map((line) => `  ${line}`).join(",\n")}\n${options}`,
});
const plan = (...tables: ReturnType<typeof table>[]) => planDeferral(tables, (_schema, name) => name === "t");

describe("planDeferral", () => {
  it("takes secondary indexes and foreign keys off and puts back exactly their lines", () => {
    expect(plan(table("t", ["`id` int NOT NULL AUTO_INCREMENT", "`a` int", "PRIMARY KEY (`id`)", "UNIQUE KEY `u` (`a`)", "KEY `k` (`a`(5) DESC) /*!80000 INVISIBLE */", "FULLTEXT KEY `f` (`a`)", "CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `p` (`id`) ON DELETE CASCADE"]), table("p", ["`id` int", "PRIMARY KEY (`id`)"]))).toEqual([
      {
        schema: "s", table: "t",
        drop: "ALTER TABLE `s`.`t` DROP FOREIGN KEY `c`, DROP KEY `u`, DROP KEY `k`, DROP KEY `f`",
        addIndexes: "ALTER TABLE `s`.`t` ADD UNIQUE KEY `u` (`a`), ADD KEY `k` (`a`(5) DESC) /*!80000 INVISIBLE */",
        addFulltext: ["ALTER TABLE `s`.`t` ADD FULLTEXT KEY `f` (`a`)"],
        addForeignKeys: "ALTER TABLE `s`.`t` ADD CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `p` (`id`) ON DELETE CASCADE",
      },
    ]);
  });

  it.each([
    ["the key of AUTO_INCREMENT and those before it", ["`n` int NOT NULL AUTO_INCREMENT", "`id` int", "PRIMARY KEY (`id`)", "KEY `a` (`id`)", "KEY `n` (`n`)", "KEY `z` (`id`)"], "ALTER TABLE `s`.`t` DROP KEY `z`"],
    ["unique keys without a primary key", ["`a` int NOT NULL", "`b` int", "UNIQUE KEY `a` (`a`)", "KEY `b` (`b`)"], "ALTER TABLE `s`.`t` DROP KEY `b`"],
    ["everything when nothing may go", ["`a` int NOT NULL", "UNIQUE KEY `a` (`a`)"], null],
    ["a word in a comment is no AUTO_INCREMENT", ["`id` int", "`x` int COMMENT 'it''s AUTO_INCREMENT'", "PRIMARY KEY (`id`)", "KEY `x` (`x`)"], "ALTER TABLE `s`.`t` DROP KEY `x`"],
  ])("keeps %s", (_what, lines, drop) => expect(plan(table("t", lines))[0]?.drop).toBe(drop));

  it("keeps a unique key that a foreign key of another table refers to, not one of the primary key", () => {
    const parent = table("t", ["`id` int", "`a` int", "`b` int", "PRIMARY KEY (`id`)", "KEY `a` (`a`,`b`)", "KEY `b` (`b`)"]);
    expect(plan(parent, table("child", ["`x` int", "CONSTRAINT `c` FOREIGN KEY (`x`) REFERENCES `t` (`a`)"]))[0]?.drop).toBe("ALTER TABLE `s`.`t` DROP KEY `b`");
    expect(plan(parent, table("child", ["`x` int", "CONSTRAINT `c` FOREIGN KEY (`x`) REFERENCES `t` (`id`)"]))[0]?.drop).toBe("ALTER TABLE `s`.`t` DROP KEY `a`, DROP KEY `b`");
  });

  it.each([
    ["another engine", table("t", ["`a` int", "KEY `a` (`a`)"], ") ENGINE=MyISAM")],
    ["system versioning", table("t", ["`a` int", "PRIMARY KEY (`a`)", "KEY `b` (`a`)"], ") ENGINE=InnoDB WITH SYSTEM VERSIONING")],
    ["a line that is not understood", table("t", ["`a` int", "VECTOR KEY `v` (`a`)", "KEY `a` (`a`)"])],
    ["a hash key", table("t", ["`a` text", "PRIMARY KEY (`a`)", "UNIQUE KEY `a` (`a`) USING HASH"])],
    ["a name with a line feed", table("t", ["`a\nb` int", "KEY `a` (`a\nb`)"])],
  ])("leaves %s alone", (_what, definition) => expect(plan(definition)).toEqual([]));
});

it("withoutCounter removes the table's counter only", () => {
  const { create } = table("t", ["`a` int COMMENT ') x AUTO_INCREMENT=5'"]);
  expect(withoutCounter(create)).toBe(create.replace(" AUTO_INCREMENT=7", ""));
});
