/**
 * SQL expressions that look random and are the same at every run: a multiplicative hash of the row number `n`.
 * Computed by the server, so that no row travels from the client.
 */

/** An integer 0 … below-1 from column `n`; each `salt` gives an independent series. */
export function draw(n: string, salt: number, below: number | string): string {
  const multiplier = 2654435761 - 2 * (salt * 7919 + 13);
  return `((((${n}) * ${multiplier} + ${salt * 104729}) & 4294967295) >> 7) % ${below}`;
}

/** One of the texts, by `draw`. */
export function pick(n: string, salt: number, texts: readonly string[]): string {
  return `ELT(1 + ${draw(n, salt, texts.length)}, ${texts.map(quote).join(", ")})`;
}

/** A point in Italy (longitude, latitude) that both flavours store alike: axis order is settled by ST_SRID on MySQL. */
export function point(n: string, salt: number): string {
  const lon = `7.0 + ${draw(n, salt, 100000)} / 100000 * 11`;
  const lat = `37.0 + ${draw(n, salt + 1, 100000)} / 100000 * 9`;
  return `/*!80000 ST_SRID( */ POINT(${lon}, ${lat}) /*!80000 , 4326) */`;
}

/** `count` rows with a column `n` from `first` up, as a table expression called `r`. */
export function numbers(first: number, count: number): string {
  return `(WITH RECURSIVE s (n) AS (SELECT ${first} UNION ALL SELECT n + 1 FROM s WHERE n < ${first + count - 1}) SELECT n FROM s) r`;
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
