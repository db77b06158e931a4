/** A stretch of a binary log file: from its byte `from` up to before its byte `end`. */
export interface Piece {
  readonly from: number;
  readonly end: number;
}

/**
 * The pieces in which the beginning of a binary log is brought away while the server writes it: full ones, which never change again, and last a short one, which the next
 * replaces. They follow from the length alone, so whoever is killed and begins anew makes the same ones.
 */
export function pieceLayout(end: number, pieceBytes: number): Piece[] {
  const pieces: Piece[] = [];
  for (let from = 0; from < end; from += pieceBytes) pieces.push({ from, end: Math.min(from + pieceBytes, end) });
  return pieces;
}

/**
 * Of the pieces of a file that are somewhere, those that join from its first byte on and reach furthest, the fewest of them; empty where none begins there. Pieces of other
 * sizes and older, shorter ones may be among them: within an epoch all hold the same bytes.
 */
export function furthestChain<P extends Piece>(pieces: readonly P[]): P[] {
  const ways = new Map<number, { readonly count: number; readonly last: P | null }>([[0, { count: 0, last: null }]]);
  // A piece ends behind its beginning, so every way to its beginning is known when its turn comes.
  for (const piece of pieces.toSorted((one, other) => one.from - other.from)) {
    const way = ways.get(piece.from);
    const known = ways.get(piece.end);
    if (way && piece.end > piece.from && (!known || known.count > way.count + 1)) ways.set(piece.end, { count: way.count + 1, last: piece });
  }
  const joined: P[] = [];
  for (let way = ways.get(Math.max(...ways.keys())); way?.last; way = ways.get(way.last.from)) joined.unshift(way.last);
  return joined;
}
