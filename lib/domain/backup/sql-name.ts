/** A name as quoted identifier: backticks doubled. Works for any name the server accepts. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

/** `schema`.`table`, quoted. */
export function quotePath(schema: string, name: string): string {
  return `${quoteName(schema)}.${quoteName(name)}`;
}
