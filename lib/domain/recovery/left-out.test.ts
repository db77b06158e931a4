import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideLeftOut, type LeftOutQuestion, type SetObject } from "./left-out.ts";
import { schemasOf } from "./references.ts";
import { storedObject } from "./stored-object.ts";

const NAMES = { shop: "copy", arch: "arch_copy" };
const object = (schema: string, sql: string): SetObject => ({ ...storedObject(sql), schema, namesRenamed: schemasOf(sql, Object.keys(NAMES)) });
const view = (name: string, from: string, more = "SQL SECURITY DEFINER", definer = "`d`@`%`"): SetObject => object("shop", `CREATE DEFINER=${definer} ${more} VIEW \`${name}\` AS select 1 AS \`x\` from ${from}`);
const decide = (objects: readonly SetObject[], more: Partial<LeftOutQuestion> = {}): string[] =>
  decideLeftOut({ objects, names: NAMES, isTable: (_schema, name) => name === "t", isPresent: () => true, may: () => true, ...more }).map(({ kind, name, because }) => `${kind} ${name}: ${because.why}`);

describe("decideLeftOut", () => {
  it("leaves nothing out where nothing stands against it", () => {
    expect(decide([view("a", "`t`"), view("b", "`a`"), object("shop", "CREATE PROCEDURE p() SELECT * FROM b")])).toEqual([]);
  });

  it("takes what names the old schema, and through any number of steps what needs it", () => {
    const objects = [
      view("c", "(`b` `x` join `t`)"), view("b", "`a`"), view("a", "`arch`.`old`"), view("free", "`t`"),
      object("shop", "CREATE FUNCTION f() RETURNS INT RETURN (SELECT COUNT(*) FROM C)"), object("shop", "CREATE PROCEDURE p() SET @x = f()"),
      object("shop", "CREATE TRIGGER tr AFTER INSERT ON t FOR EACH ROW CALL p"), object("shop", "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO CALL p()"), object("shop", "CREATE PROCEDURE calm() SELECT 1 FROM t"),
    ];
    expect(decide(objects).sort()).toEqual(["event e: needs", "function f: needs", "procedure p: needs", "trigger tr: needs", "view a: names", "view b: needs", "view c: needs"]);
  });

  it("does not take a column or an alias for a view that is left out", () => {
    const lost = view("lost", "`arch`.`old`");
    expect(decide([lost, object("shop", "CREATE VIEW `v` AS select `x`.`lost` AS `lost` from `t` `x`")])).toEqual(["view lost: names"]);
    // The same name in another schema is another object.
    expect(decide([lost, object("arch", "CREATE VIEW `v` AS select 1 from `lost`")])).toEqual(["view lost: names"]);
  });

  it("takes views whose definer may not read under the new name, through views with the rights of their user", () => {
    const may: LeftOutQuestion["may"] = (definer, _privilege, schema) => definer === "root@%" || schema !== "copy";
    expect(decide([view("a", "`t`"), view("over", "`a`", "", "`root`@`%`")], { may })).toEqual(["view a: definer", "view over: needs"]);
    expect(decide([view("a", "`t`", "SQL SECURITY INVOKER")], { may })).toEqual([]);
    const inner = view("inner", "`t`", "SQL SECURITY INVOKER");
    const onTable: LeftOutQuestion["may"] = (_definer, _privilege, _schema, name) => name !== "t";
    expect(decide([inner, view("outer", "`inner`")], { may: onTable })).toEqual(["view outer: definer"]);
    expect(decide([{ ...view("a", "`t`"), unreadable: true }], { may })).toEqual([]);
  });

  it("asks for EXECUTE on functions", () => {
    const asked: string[] = [];
    const may: LeftOutQuestion["may"] = (definer, privilege, schema, name) => asked.push(`${definer} ${privilege} ${schema}.${name}`) > 0;
    decide([object("shop", "CREATE DEFINER=`d`@`%` VIEW `v` AS select `f`(1) AS `x`,count(`t`.`a`) AS `n` from `t`"), object("shop", "CREATE FUNCTION f() RETURNS INT RETURN 1")], { may });
    expect(asked.sort()).toEqual(["d@% EXECUTE copy.f", "d@% SELECT copy.t"]);
  });

  it("takes views that read a schema which is nowhere", () => {
    expect(decide([view("a", "`far`.`x`"), view("b", "`a`")], { isPresent: (schema) => schema !== "far" })).toEqual(["view a: absent", "view b: needs"]);
  });

  it("follows packages", () => {
    const objects = [object("shop", "CREATE PACKAGE `pack` AS FUNCTION f RETURN INT; END"), object("shop", "CREATE PACKAGE BODY `pack` AS FUNCTION f RETURN INT AS BEGIN RETURN arch.g(); END; END"), object("shop", "CREATE PROCEDURE p() SELECT pack.f()")];
    expect(decide(objects)).toEqual(["package body pack: names", "procedure p: needs"]);
  });

  it("never keeps a view over one that is left out, whatever the chain, and ends where chains are circles", () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 30 }), fc.nat(9), (edges, bad) => {
      const objects = Array.from({ length: 10 }, (_, n) => object("shop", `CREATE PROCEDURE p${n}() BEGIN ${edges.filter(([from]) => from === n).map(([, to]) => `CALL p${to}();`).join(" ")} ${n === bad ? "SELECT 1 FROM arch.x;" : ""} END`));
      const lost = new Set(decideLeftOut({ objects, names: NAMES, isTable: () => false, isPresent: () => true, may: () => true }).map(({ name }) => name));
      expect(lost.has(`p${bad}`)).toBe(true);
      for (const [from, to] of edges) if (lost.has(`p${to}`)) expect(lost.has(`p${from}`)).toBe(true);
    }));
  });
});
