/** What a plan's step makes or does that has no name of its own: the worker says it in these words, the reader's language has others. */
const SAID = [
  ["isolated", /^isolated server$/],
  ["port", /^server at port (?<port>\d+)$/],
  ["safety", /^safety copy of (?<name>.+)$/],
  ["staging", /^(?<name>.+) \(staging\)$/],
  ["accounts", /^accounts that are missing$/],
  ["replay", /^replay (?<count>\d+) binary log files, stop at (?<place>.+)$/],
] as const;

export type Said = (typeof SAID)[number][0];

/** Which of them it is, with its values; null for names and commands, which stay as they are. */
export function saidBy(text: string): { readonly key: Said; readonly values: Readonly<Record<string, string>> } | null {
  for (const [key, pattern] of SAID) {
    const found = pattern.exec(text);
    if (found) return { key, values: { ...found.groups } };
  }
  return null;
}
