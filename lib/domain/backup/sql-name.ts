/** A name as quoted identifier: backticks doubled. Works for any name the server accepts. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

/** `schema`.`table`, quoted. */
export function quotePath(schema: string, name: string): string {
  return `${quoteName(schema)}.${quoteName(name)}`;
}

/** A text as SQL string literal for any sql_mode: only hexadecimal digits, so that nothing needs escaping. */
export function hexLiteral(text: string): string {
  return text === "" ? "''" : `CONVERT(X'${Buffer.from(text, "utf8").toString("hex")}' USING utf8mb4)`;
}
