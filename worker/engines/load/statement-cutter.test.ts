import fc from "fast-check";
import { expect, test } from "vitest";
import { statementCutter } from "./statement-cutter.ts";

/** The cut text, the input given in pieces of these sizes (in turn). */
function cut(text: string | Buffer, limit: number, sizes: readonly number[] = [1 << 20]): string {
  const cutter = statementCutter("200-data-00001-00001.sql", limit);
  const input = Buffer.from(text as string);
  const out: Buffer[] = [];
  for (let at = 0, turn = 0; at < input.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    out.push(...cutter.push(Buffer.from(input.subarray(at, at + size))));
    at += size;
  }
  out.push(...cutter.end());
  return Buffer.concat(out).toString("latin1");
}

/** As long as four heads: a border is taken from there on. */
const LONG = "x".repeat(200);

test("a long statement becomes one transaction of short ones, a short one passes", () => {
  expect(cut(`USE \`s\`;\nINSERT INTO \`a\` VALUES (1,'${LONG}'),(2,'${LONG}'),(3,'z');\nINSERT INTO \`b\` VALUES (1),(2);\n`, 30)).toBe(
    `USE \`s\`;\nBEGIN;\nINSERT INTO \`a\` VALUES (1,'${LONG}');\nINSERT INTO \`a\` VALUES (2,'${LONG}');\nINSERT INTO \`a\` VALUES (3,'z');\nCOMMIT;\nINSERT INTO \`b\` VALUES (1),(2);\n`,
  );
});

test("columns, a row to a line, and names that look like the end of the head", () => {
  const head = "INSERT INTO `a``b VALUES (` (`c) VALUES (`, `d`) VALUES\n";
  expect(cut(`${head}(1,'${LONG}'),\n(2,'${LONG}');\n`, 30, [7])).toBe(`BEGIN;\n${head}(1,'${LONG}');\n${head}\n(2,'${LONG}');\nCOMMIT;\n`);
});

test("what looks like a border within a string is none", () => {
  const row = `(1,'),(','\\'),(\\\\','a;INSERT INTO \`x\` VALUES (','${LONG}')`;
  for (const sizes of [[1], [2, 3], [1000]]) {
    expect(cut(`INSERT INTO \`t\` VALUES ${row},${row};\n`, 24, sizes)).toBe(`BEGIN;\nINSERT INTO \`t\` VALUES ${row};\nINSERT INTO \`t\` VALUES ${row};\nCOMMIT;\n`);
  }
});

test("an INSERT that is written otherwise leaves the rest as it is", () => {
  const text = `INSERT INTO t VALUES (1),(2);\n${"-- x\n".repeat(20_000)}INSERT INTO \`t\` VALUES (1),(2),(3),(4);\n`;
  expect(cut(text, 5)).toBe(text);
  expect(cut(text.slice(0, 30), 5)).toBe(text.slice(0, 30));
});

test("half a statement at the end is a fault", () => {
  for (const text of ["INSERT INTO `t` VALUES (1,'a", "INSERT INTO `t` VALUES (1)"]) expect(() => cut(text, 5)).toThrow(expect.objectContaining({ code: "LOAD_FAILED" }));
});

const literal = fc.oneof(fc.integer().map(String), fc.constant("NULL"), fc.constant("0xC3A9"), fc.constant("_binary 'x'"), fc.string({ unit: fc.constantFrom("'", "\\", "(", ")", ",", ";", "é", "\n", "I", "`", " ") }).map((value) => `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n")}'`));
const row = fc.array(literal, { minLength: 1, maxLength: 4 }).map((values) => `(${values.join(",")})`);
const statement = fc.record({ table: fc.constantFrom("`a`", "`b`` VALUES (`", "`c` (`d`,`e`)"), rows: fc.array(row, { minLength: 1, maxLength: 40 }) });

test("whatever the rows, chunks and limit: the same rows of the same tables in the same order, transactions around those that were cut", () => {
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 5 }), fc.integer({ min: 1, max: 200 }), fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 }), (statements, limit, sizes) => {
      const text = (list: typeof statements): string => list.map(({ table, rows }) => `INSERT INTO ${table} VALUES ${rows.join(",")};\n`).join("");
      const made = cut(`-- head\n${text(statements)}-- end\n`, limit, sizes);
      expect(made.startsWith("-- head\n") && made.endsWith("-- end\n")).toBe(true);
      // Put together again it is what it was; no value holds a line feed, so that lines are statements.
      const lines = made.slice("-- head\n".length, -"-- end\n".length).split("\n").slice(0, -1);
      const whole: string[] = [];
      let open = false;
      for (const line of lines) {
        if (line === "BEGIN;") {
          expect(open).toBe(false);
          open = true;
          whole.push("");
        } else if (line === "COMMIT;") {
          expect(open).toBe(true);
          open = false;
        } else if (open && whole.at(-1) !== "") {
          const head = /^INSERT INTO (?:`(?:[^`]|``)+`)(?: \(`d`,`e`\))? VALUES /.exec(line)?.[0] ?? "?";
          expect(whole.at(-1)?.startsWith(head)).toBe(true);
          whole.push(`${whole.pop()?.slice(0, -1)},${line.slice(head.length)}`);
        } else if (open) whole[whole.length - 1] = line;
        else whole.push(line);
      }
      expect(open).toBe(false);
      expect(whole).toEqual(Buffer.from(text(statements)).toString("latin1").split("\n").slice(0, -1));
    }),
    { numRuns: 300 },
  );
});
