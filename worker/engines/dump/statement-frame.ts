/** First line of a body made of `framed` statements and one-line statements only: a loader may send them one by one instead of using the client. */
export const FRAME_MARK = "-- salvagente: framed\n";

/** The client takes at most 16 characters. */
const LONGEST_DELIMITER = 16;

/**
 * A statement whose body may hold `;`, between DELIMITER lines of the client: the delimiter is the first of `;;`, `;;;` … that the text does
 * not hold. It stands on a line of its own, so that a comment at the body's end does not swallow it.
 */
export function framed(statement: Buffer): Buffer {
  let delimiter = ";;";
  while (statement.includes(delimiter) && delimiter.length < LONGEST_DELIMITER) delimiter += ";";
  return Buffer.concat([Buffer.from(`DELIMITER ${delimiter}\n`), statement, Buffer.from(`\n${delimiter}\nDELIMITER ;\n`)]);
}

/** The session settings that a stored program was created under, and keeps. */
export function sessionLine(sqlMode: string, characterSet: string, collation: string): string {
  if (!/^[\w,]*$/.test(sqlMode)) throw new RangeError(`no sql_mode: ${sqlMode}`);
  return `SET SESSION sql_mode = '${sqlMode}', character_set_client = ${plainWord(characterSet)}, character_set_results = ${plainWord(characterSet)}, collation_connection = ${plainWord(collation)};\n`;
}

/** Names of character sets and collations stand in statements as they are. */
export function plainWord(text: string): string {
  if (!/^\w+$/.test(text)) throw new RangeError(`no name of a character set or collation: ${text}`);
  return text;
}

/**
 * The statements of a text made of one-line statements and framed ones, one character for each byte. The client itself is no faithful reader: it
 * joins a line that begins with the word `delimiter` to the next one, in comments too. Null when the text is not of this form.
 */
export function framedStatements(text: string): string[] | null {
  if (!text.includes(`\n${FRAME_MARK}`)) return null;
  const statements: string[] = [];
  let delimiter = ";";
  let body: string[] = [];
  for (const line of text.split("\n")) {
    const change = /^DELIMITER (;+)$/.exec(line);
    if (change && body.every((part) => part.trim() === "")) {
      delimiter = change[1] as string;
      body = [];
    } else if (delimiter === ";") {
      if (line.endsWith(";") && !line.startsWith("--")) statements.push(line.slice(0, -1));
      else if (line.trim() !== "" && !line.startsWith("--")) return null;
    } else if (line === delimiter) {
      statements.push(body.join("\n"));
      body = [];
    } else {
      body.push(line);
    }
  }
  return delimiter === ";" ? statements : null;
}
