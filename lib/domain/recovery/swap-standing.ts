/** Tables of one schema that change places. */
interface Moves {
  readonly live: string;
  readonly restored: string;
  readonly kept: string;
  readonly incoming: readonly string[];
  readonly outgoing: readonly string[];
}

type Move = readonly [fromSchema: string, toSchema: string, table: string];

/** All that leave first, then all that come: no name is taken twice at any moment. */
export function movesOf(pairs: readonly Moves[]): Move[] {
  return pairs.flatMap(({ live, restored, kept, incoming, outgoing }) => [...outgoing.map((table): Move => [live, kept, table]), ...incoming.map((table): Move => [restored, live, table])]);
}

/**
 * Where the tables stand. One RENAME moves all or none; `mixed` is what a server would have to be broken for, or a person to have moved some. `gone`: tables that stand in
 * neither place. `back`: the moves that bring back what was moved.
 */
export function standing(pairs: readonly Moves[], exists: (schema: string, table: string) => boolean): { readonly where: "before" | "after" | "mixed"; readonly back: Move[]; readonly gone: string[] } {
  const back: Move[] = [];
  const gone: string[] = [];
  let moved = 0;
  const all = movesOf(pairs);
  for (const [from, to, table] of all) {
    const incoming = pairs.some(({ restored }) => restored === from);
    // A live table of this name may be the old or the new one: where the other place is empty, it was moved.
    const there = incoming ? !exists(from, table) && exists(to, table) : exists(to, table);
    if (there) {
      moved += 1;
      back.unshift([to, from, table]);
    } else if (!exists(from, table)) gone.push(`${from}.${table}`);
  }
  return { where: moved === 0 ? "before" : moved === all.length ? "after" : "mixed", back, gone };
}
