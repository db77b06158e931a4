import { readFile } from "node:fs/promises";

/**
 * The statements of one of our SQL files. The files end a statement with `;;` at the end of a line and begin with
 * `DELIMITER ;;`, so that the plain mysql client loads them as well. Not a parser of foreign SQL.
 */
export function splitStatements(text: string): string[] {
  return text
    .replace(/^DELIMITER .*$/gm, "")
    .split(/;;[ \t]*$/m)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** Reads `name` from the folder `schema/` beside this file. */
export async function readStatements(name: string): Promise<string[]> {
  return splitStatements(await readFile(new URL(`./schema/${name}`, import.meta.url), "utf8"));
}
