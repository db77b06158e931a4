import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadText } from "./row-columns.ts";
import { RowStatements, type RowStep } from "./row-statements.ts";

/** The steps as text, the input given in pieces of these sizes (in turn). */
function steps(text: string, sizes: readonly number[] = [1 << 20], limit?: number): string[] {
  const statements = new RowStatements("200-data-00001-00001.sql", limit);
  const input = Buffer.from(text);
  const all: RowStep[] = [];
  for (let at = 0, turn = 0; at < input.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    all.push(...statements.push(input.subarray(at, at + size)));
    at += size;
  }
  all.push(...statements.end());
  return all.map((step) => {
    if (step.kind === "statement") return `statement ${step.text}`;
    if (step.kind === "rest") return `rest ${Buffer.concat(step.pieces)}`;
    const whole = Buffer.concat(step.whole);
    expect(whole.length).toBe(step.bytes);
    return `insert ${step.head.table} ${step.head.columns?.join(";") ?? "*"} ${JSON.stringify(step.head.separator)} ${whole.subarray(step.rowsFrom, -3)}`;
  });
}

describe("statements of an artifact of rows", () => {
  it("tells settings, INSERTs of both families and comments apart", () => {
    const text = "USE `s`;\n-- salvagente: body\n/*!40101 SET NAMES utf8mb4 */;\n\n--\n-- Dumping data for table `a;`\n--\n\nINSERT INTO `a;` VALUES (1,'x;\\ny'),(2,NULL);\nINSERT INTO `à``b` (`c`, `d`) VALUES\n(1,'),(;'),\n(2,'z');\n/*!40101 SET SQL_MODE=@OLD */;\n-- Dump completed\n";
    const expected = [
      "statement USE `s`", "statement /*!40101 SET NAMES utf8mb4 */", String.raw`insert ${"`a;`"} * "),(" 1,'x;\ny'),(2,NULL`,
      "insert `à``b` `c`;`d` \"),\\n(\" 1,'),(;'),\n(2,'z'", "statement /*!40101 SET SQL_MODE=@OLD */",
    ];
    for (const sizes of [[1 << 20], [1], [2, 7, 3]]) expect(steps(text, sizes)).toEqual(expected);
  });

  it("gives up where something is not as the dump programs write it, and keeps every byte", () => {
    for (const text of ["INSERT INTO a VALUES (1);\nSET x;\n", "INSERT INTO `s`.`a` VALUES (1);\n", "INSERT INTO `a` SELECT 1;\n-- x\n", "-- Dumping data for table `a\nb`\nSET x;\n"]) {
      for (const sizes of [[1 << 20], [1], [5]]) expect(steps(text, sizes).map((step) => step.replace(/^rest /, "")).join("")).toBe(text);
    }
    const long = `SET a;\nINSERT INTO \`a\` VALUES (1,'${"x".repeat(500)}');\nSET b;\n`;
    expect(steps(long, [100], 300).map((step) => step.replace(/^(rest|statement) /, "")).join("")).toBe(long.replace(";\n", ""));
  });

  it("half an INSERT at the end is a fault, a last line without its end is none", () => {
    for (const text of ["INSERT INTO `t` VALUES (1,'a", "INSERT INTO `t` VALUES (1)"]) expect(() => steps(text)).toThrow(expect.objectContaining({ code: "LOAD_FAILED" }));
    expect(steps("INSERT INTO `t` VALUES (1);")).toEqual(['insert `t` * "),(" 1']);
    expect(steps("SET a;\nSET b")).toEqual(["statement SET a", "statement SET b"]);
  });

  it("whatever the values and the pieces: the same rows", () => {
    const value = fc.oneof(fc.constantFrom("NULL", "1", "0xC3"), fc.string({ unit: fc.constantFrom("'", ";", "(", ")", ",", "\\", "x", "\n") }).map((text) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n")}'`));
    const insert = fc.array(fc.array(value, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 });
    fc.assert(fc.property(fc.array(insert, { minLength: 1, maxLength: 4 }), fc.constantFrom("", "\n"), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }), (inserts, space, sizes) => {
      const rows = inserts.map((insert) => insert.map((row) => row.join(",")).join(`),${space}(`));
      const text = rows.map((row) => `INSERT INTO \`t\` VALUES (${row});\n`).join("SET x;\n");
      expect(steps(text, sizes).filter((step) => step.startsWith("insert")).map((step) => step.slice(step.indexOf('"', step.indexOf('"') + 1) + 2))).toEqual(rows);
    }));
  });
});

describe("the statement that reads rows as text", () => {
  const head = { table: "`t`", columns: null, separator: "),\n(" };
  const column = (name: string, type: string, charset: string | null = null, extra = "") => ({ name, type, charset, extra });

  it("names all columns that rows have, hexadecimal ones by way of a variable, generated ones into one that nobody reads", () => {
    const text = loadText(head, [column("id", "bigint"), column("v`", "VARBINARY"), column("g", "int", null, "STORED GENERATED"), column("h", "int", null, "INVISIBLE"), column("d", "datetime", null, "DEFAULT_GENERATED"), column("b", "bit")]);
    expect(text).toBe(String.raw`LOAD DATA LOCAL INFILE 'rows' INTO TABLE ${"`t`"} CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\'' ESCAPED BY '\\' LINES TERMINATED BY '),\n(' (${"`id`, @f1, @f2, `d`, @f4) SET `v``` = UNHEX(MID(@f1, 3)), `b` = UNHEX(MID(@f4, 3))"}`);
    expect(loadText({ ...head, columns: ["`h`"] }, [column("id", "int"), column("h", "int", null, "INVISIBLE")])).toContain("(`h`)");
  });

  it("is none for types whose text may mean something else", () => {
    for (const other of [column("p", "point"), column("u", "uuid"), column("v", "vector"), column("e", "enum", "binary"), column("j", "inet6")]) expect(loadText(head, [column("id", "int"), other])).toBeNull();
    expect(loadText({ ...head, columns: ["`gone`"] }, [column("id", "int")])).toBeNull();
  });
});
