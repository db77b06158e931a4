import { expect, test } from "vitest";
import { readStatements, splitStatements } from "./statements.ts";

test("statements end with ;; at the end of a line, nowhere else", () => {
  expect(splitStatements("DELIMITER ;;\n-- a\nSELECT ';; x';;\n\nBEGIN\n  SELECT 1; \nEND;;\n")).toEqual(["-- a\nSELECT ';; x'", "BEGIN\n  SELECT 1; \nEND"]);
});

test("our files hold what they say", async () => {
  const statements = await readStatements("60-routine.sql");
  expect(statements.filter((text) => /CREATE .*TRIGGER/.test(text))).toHaveLength(4);
  expect(statements.every((text) => !text.includes("DELIMITER"))).toBe(true);
});
