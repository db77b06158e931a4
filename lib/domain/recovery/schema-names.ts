/** MySQL's limit, in characters. */
const LONGEST = 64;

/** Schema names of our own beside `schemas`, by these: cut so that the ending fits, and numbered where two were the same then. The stamp is `YYYYMMDDTHHMMSSZ`. */
export function besideNames(schemas: readonly string[], kind: "new" | "pre", stamp: string): Record<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const schema of schemas) {
    let name = besideName(schema, kind, stamp);
    for (let number = 2; taken.has(name.toLowerCase()); number += 1) name = besideName(schema, kind, stamp, `_${number}`);
    taken.add(name.toLowerCase());
    names.set(schema, name);
  }
  return Object.fromEntries(names);
}

function besideName(schema: string, kind: "new" | "pre", stamp: string, number = ""): string {
  const ending = `${number}_${kind}_${stamp.toLowerCase()}`;
  return [...schema].slice(0, LONGEST - ending.length).join("") + ending;
}

/** New names that cannot be: two schemas under one name, or a name that stays the same. Compared without regard to case, as some servers do. */
export function nameClashes(names: Readonly<Record<string, string>>): string[] {
  const seen = new Set(Object.keys(names).map((name) => name.toLowerCase()));
  return Object.values(names).filter((name) => {
    const lower = name.toLowerCase();
    const taken = seen.has(lower);
    seen.add(lower);
    return taken;
  });
}
