/** Bytes of a size such as `500m`, `1g`, `1.5g` (powers of 1000). Throws on anything else. */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([mg])$/i.exec(text);
  if (!match) throw new Error(`--size ${text}: write a number with m or g, for instance 1g`);
  return Math.round(Number(match[1]) * (match[2]?.toLowerCase() === "g" ? 1e9 : 1e6));
}

/** A whole number from 1 on. Throws on anything else, with the option's name. */
export function wholeNumber(text: string, option: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--${option} ${text}: write a whole number, for instance 3`);
  return Number(text);
}
