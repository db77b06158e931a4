import { describe, expect, it } from "vitest";
import { NamedLine } from "./named-line.ts";

/** The last name found in lines fed one by one. */
function nameIn(begins: RegExp, ...lines: string[]): string | null {
  const named = new NamedLine(begins);
  return lines.reduce<string | null>((found, line) => named.feed(line) ?? found, null);
}

const TABLE = /^-- Dumping data for table /;
const TRIGGER = /^\/\*!50003 CREATE\*\/ .*?TRIGGER /;

describe("the name on a dump's line", () => {
  it.each([
    ["plain", "-- Dumping data for table `t`", "t"],
    ["with a backtick", "-- Dumping data for table `a``b`", "a`b"],
    ["empty-looking", "-- Dumping data for table ` `", " "],
    ["with a dot", "-- Dumping data for table `a.b`", "a.b"],
  ])("%s", (_what, line, name) => {
    expect(nameIn(TABLE, line)).toBe(name);
  });

  it("goes on over lines in comments, where each newline is followed by `-- `", () => {
    expect(nameIn(TABLE, "-- Dumping data for table `x", "-- DROP DATABASE nasty; -- y`")).toBe("x\nDROP DATABASE nasty; -- y");
  });

  it("goes on over lines in statements as it is", () => {
    expect(nameIn(TRIGGER, "/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `t", "-- u` BEFORE INSERT")).toBe("t\n-- u");
  });

  it("is found bare and behind a schema, as MariaDB keeps what was typed", () => {
    expect(nameIn(TRIGGER, "/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER stamp BEFORE INSERT ON t FOR EACH ROW SET @a=1 */;;")).toBe("stamp");
    expect(nameIn(TRIGGER, "/*!50003 CREATE*/ /*!50003 TRIGGER shop.`st``amp` BEFORE INSERT ON t */;;")).toBe("st`amp");
    expect(nameIn(TRIGGER, "/*!50003 CREATE*/ /*!50003 TRIGGER `shop`.stamp BEFORE INSERT ON t */;;")).toBe("stamp");
  });

  it("is none on other lines", () => {
    expect(nameIn(TABLE, "INSERT INTO `t` VALUES ('-- Dumping data for table `u`')")).toBeNull();
  });
});
