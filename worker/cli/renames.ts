import { Fault } from "#lib/domain/fault/fault.ts";

/**
 * New names by the old ones, as `--as old=new …` gives them: the first `=` parts the two. A name that holds one itself is written with `\=`, one with a backslash before it with `\\`;
 * a backslash before anything else is itself. Fault INPUT_INVALID for what has no two names, and for an old name that comes twice.
 */
export function renamesFrom(pairs: readonly string[]): Record<string, string> {
  const renames = new Map<string, string>();
  for (const pair of pairs) {
    const [, old = "", fresh = ""] = /^((?:\\[\\=]|\\(?![\\=])|[^=\\])+)=(.+)$/s.exec(pair) ?? [];
    const name = unescaped(old);
    if (fresh === "") throw new Fault("INPUT_INVALID", { params: { fields: `--as ${pair}: old=new, with a backslash before each = that belongs to a name` } });
    if (renames.has(name)) throw new Fault("INPUT_INVALID", { params: { fields: `--as ${pair}: ${name} already has a new name` } });
    renames.set(name, unescaped(fresh));
  }
  return Object.fromEntries(renames);
}

function unescaped(text: string): string {
  return text.replace(/\\([\\=])/g, "$1");
}
