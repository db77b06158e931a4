const DIRECTORY = String.raw`\s*\b(?:DATA|INDEX) DIRECTORY\s*=\s*'(?:[^'\\]|\\.|'')*'`;
const TABLESPACE = String.raw`\s*(?:/\*!50100 )?\bTABLESPACE\s*=?\s*${"`(?:[^`]|``)*`"}(?: \*/)?`;
/** Strings and names are tried as a whole, so that nothing inside them is taken for a clause. */
const PIECE = new RegExp(`(${DIRECTORY}|${TABLESPACE})|'(?:[^'\\\\]|\\\\.|'')*'|\`(?:[^\`]|\`\`)*\``, "gs");

/**
 * An options or partition line of SHOW CREATE TABLE without the clauses that say where files lie (general tablespace, DATA and INDEX DIRECTORY):
 * the tablespace is in no dump, and a path of the source must not be written to by another server. A finding names them beforehand.
 */
export function withoutPlace(line: string): string {
  return line.replace(PIECE, (all, place: string | undefined) => (place === undefined ? all : ""));
}
