import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FRAME_MARK, framed, framedStatements, sessionLine } from "./statement-frame.ts";

const wrap = (...parts: (Buffer | string)[]): string => `USE \`x\`;\n-- salvagente: body\n${FRAME_MARK}${parts.map((part) => part.toString("latin1" as never)).join("")}`;

describe("framed statements", () => {
  it("come back byte for byte, whatever stands in them", () => {
    const line = fc.oneof(fc.constantFrom("DELIMITER ;", "delimiter ;;", ";;", ";;;", "-- Dump completed", "", "  # it's ;;", "USE `mysql`;", "é \u0000"), fc.string());
    fc.assert(
      fc.property(fc.array(fc.array(line, { maxLength: 6 }), { maxLength: 4 }), (bodies) => {
        const texts = bodies.map((lines) => Buffer.from(`CREATE PROCEDURE p()\n${lines.join("\n")}`, "latin1"));
        const read = framedStatements(wrap(...texts.flatMap((text) => [sessionLine("", "utf8mb4", "utf8mb4_bin"), framed(text)])));
        expect(read?.filter((text) => text.startsWith("CREATE"))).toEqual(texts.map((text) => text.toString("latin1")));
        expect(read).toHaveLength(1 + 2 * texts.length);
      }),
    );
  });

  it("get a delimiter that does not occur in them", () => {
    expect(framed(Buffer.from("SELECT ';;'")).toString()).toBe("DELIMITER ;;;\nSELECT ';;'\n;;;\nDELIMITER ;\n");
  });

  it("are passed over where another hand has taken one out", () => {
    expect(framedStatements(wrap("DELIMITER ;;\n\nDELIMITER ;\n", framed(Buffer.from("SELECT 1"))))).toEqual(["USE `x`", "SELECT 1"]);
  });

  it.each([["without the mark", "USE `x`;\nSELECT 1;\n"], ["cut off", wrap("DELIMITER ;;\nCREATE x")], ["of another form", wrap("SELECT\n1;\n")]])("are refused when the text is %s", (_what, text) => expect(framedStatements(text)).toBeNull());
});

it("sessionLine takes names only", () => {
  expect(() => sessionLine("'; DROP", "utf8mb4", "x")).toThrow(RangeError);
  expect(() => sessionLine("", "utf8mb4", "x;y")).toThrow(RangeError);
});
