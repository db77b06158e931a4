import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chain, leadRewriter, type Rewriter, renamedLead, sectionRewriter } from "./rewrite.ts";

/** Feeds the text in pieces of the given sizes. */
function through(rewriter: Rewriter, text: string, sizes: readonly number[] = [7]): string {
  const bytes = Buffer.from(text);
  const out: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    out.push(...rewriter.push(bytes.subarray(at, at + size)).map((piece) => Buffer.from(piece)));
    at += size;
  }
  out.push(...rewriter.end());
  return Buffer.concat(out).toString();
}

const SIZES = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const section = (table: string, rows: string): string => `\n--\n-- Dumping data for table \`${table}\`\n--\n\nINSERT INTO \`${table}\` VALUES (${rows});\n`;
const HEAD = "USE `a`;\n-- salvagente: body\nSET NAMES utf8mb4;\n";

describe("leadRewriter", () => {
  it("replaces the lead and nothing in the body, however the bytes arrive", () => {
    fc.assert(fc.property(SIZES, (sizes) => {
      const rewriter = leadRewriter("x", (lead) => renamedLead(lead, "a`b", "new`"));
      expect(through(rewriter, "CREATE DATABASE `a``b`;\nUSE `a``b`;\n-- salvagente: body\nINSERT '`a``b`';\n", sizes)).toBe("CREATE DATABASE `new```;\nUSE `new```;\n-- salvagente: body\nINSERT '`a``b`';\n");
    }));
  });

  it("refuses what has no mark", () => {
    expect(() => through(leadRewriter("x", (lead) => lead), "SELECT 1;\n")).toThrow("LOAD_FAILED");
    expect(() => through(leadRewriter("x", (lead) => lead), "x".repeat(70_000), [10_000])).toThrow("LOAD_FAILED");
  });
});

describe("sectionRewriter", () => {
  it("lets the head and the chosen tables through, however the bytes arrive", () => {
    const names = ["t", "u", "v`w", "-- x"];
    fc.assert(
      fc.property(fc.subarray(names), fc.string(), SIZES, (chosen, noise, sizes) => {
        const rows = `'${JSON.stringify(noise)} -- Dumping data for table \`t\`'`;
        const all = names.map((name) => section(name.replaceAll("`", "``"), rows));
        // The comment line that frames a heading stays with the section before.
        const expected = `${HEAD}${all.filter((_, index) => chosen.includes(names[index] as string)).join("")}`;
        const inserts = (sql: string): string[] => sql.split("\n").filter((line) => line.startsWith("INSERT") || line.startsWith("SET") || line.startsWith("USE"));
        expect(inserts(through(sectionRewriter(new Set(chosen)), HEAD + all.join(""), sizes))).toEqual(inserts(expected));
      }),
    );
  });

  it("tells names apart that hold line feeds, which go on in comment lines", () => {
    const names = ["a", "a\nb", "a\nc", "d"];
    const sections = names.map((name, at) => `\n--\n-- Dumping data for table \`${name.replaceAll("\n", "\n-- ")}\`\n--\n\nINSERT INTO \`${name}\` VALUES (${at});\n`);
    fc.assert(
      fc.property(fc.subarray(names), SIZES, (chosen, sizes) => {
        const said = through(sectionRewriter(new Set(chosen)), HEAD + sections.join(""), sizes);
        expect([...said.matchAll(/VALUES \((\d)\)/g)].map(([, at]) => names[Number(at)])).toEqual(chosen);
      }),
    );
  });

  it("with every table chosen changes no byte", () => {
    const sql = HEAD + section("t", "1") + section("u", "2");
    fc.assert(fc.property(SIZES, (sizes) => {
      expect(through(chain([sectionRewriter(new Set(["t", "u"]))]), sql, sizes)).toBe(sql);
    }));
  });
});
