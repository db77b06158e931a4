/** MySQL's limit, in characters. */
const LONGEST = 64;

/** A schema name of our own beside `schema`: cut so that the ending fits. The stamp is `YYYYMMDDTHHMMSSZ`. */
export function besideName(schema: string, kind: "new" | "pre", stamp: string): string {
  const ending = `_${kind}_${stamp.toLowerCase()}`;
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
