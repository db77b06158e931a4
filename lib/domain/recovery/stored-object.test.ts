import { describe, expect, it } from "vitest";
import { storedObject } from "./stored-object.ts";

const uses = (sql: string): string[] => storedObject(sql).uses.map(({ schema, name, as }) => `${as} ${schema === null ? "" : `${schema}.`}${name}`);

describe("storedObject", () => {
  it.each([
    ["CREATE ALGORITHM=UNDEFINED DEFINER=`a``b`@`%` SQL SECURITY INVOKER VIEW `v``1` AS select 1", { kind: "view", name: "v`1", definer: "a`b@%", invoker: true }],
    ["CREATE OR REPLACE DEFINER=`view`@`event` SQL SECURITY DEFINER VIEW `v` AS select 1", { kind: "view", name: "v", definer: "view@event", invoker: false }],
    ["CREATE DEFINER=CURRENT_USER PROCEDURE IF NOT EXISTS p() BEGIN END", { kind: "procedure", name: "p", definer: null, invoker: false }],
    ["CREATE PROCEDURE `if`() BEGIN END", { kind: "procedure", name: "if" }],
    ["CREATE DEFINER='d'@'localhost' TRIGGER shop . t BEFORE INSERT ON o FOR EACH ROW SET @x = 1", { kind: "trigger", name: "t", definer: "d@localhost" }],
    ["CREATE DEFINER=`r` PACKAGE BODY `pack` AS FUNCTION f RETURN INT AS BEGIN RETURN 1; END; END", { kind: "package body", name: "pack", definer: "r" }],
    ["CREATE TABLE `t` (a int)", { kind: "table", name: "t" }],
    ["DROP PROCEDURE IF EXISTS `p`", { kind: "statement", name: "" }],
    ["SET SESSION sql_mode = ''", { kind: "statement", name: "" }],
  ])("reads %s", (sql, expected) => expect(storedObject(sql)).toMatchObject(expected));

  it("finds the tables and functions of a view, as servers print it", () => {
    const sql =
      "CREATE DEFINER=`d`@`%` SQL SECURITY DEFINER VIEW `v` AS with `c` (`n`) as (select `x`.`id` AS `b_view` from `deep` `x`) " +
      "select `d`.`id` AS `id`,`price`(`d`.`id`) AS `p`,`other`.`f`(1) AS `f`,extract(year from `d`.`day`) AS `y`,trim(leading 'b' from `d`.`t`) AS `t`,`a b`.`z` AS `z` " +
      "from ((`delivery` `d` join `arch`.`old` `o` on(`o`.`id` = `d`.`id`)) left join `a b` on(`a b`.`id` in (select `s`.`id` from (`s`)))) where exists(select 1 from (select 1 AS `q`) `u`)";
    expect(uses(sql).sort()).toEqual(["call c", "call other.f", "call price", "table a b", "table arch.old", "table deep", "table delivery", "table s"]);
  });

  it("takes every name of a body for a use, calls told apart", () => {
    const all = uses('CREATE PROCEDURE p() BEGIN CALL q; CALL s.r(1); SELECT f(a.b) FROM v, "w", x.y.z; END');
    for (const one of ["call q", "call s.r", "call f", "any v", "any w", "any x.y"]) expect(all).toContain(one);
    expect(all).not.toContain("any y.z");
    expect(uses("CREATE PROCEDURE p() SELECT 'v' -- v\n /* v */")).not.toContain("any v");
  });
});
