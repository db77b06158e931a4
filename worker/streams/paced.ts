/** Holds back whoever reads. */
export interface Pace {
  /** So many bytes were read, or (0) something is about to be: a promise asks to wait before going on. It rejects with the Fault that ends the waiting. */
  pass(bytes: number): Promise<void> | undefined;
}

/** What comes from a source, no faster than the pace allows; a piece is valid as long as the source's own. */
export async function* paced(source: AsyncIterable<Buffer>, pace: Pace): AsyncGenerator<Buffer> {
  for await (const piece of source) {
    const wait = pace.pass(piece.length);
    if (wait) await wait;
    yield piece;
  }
}
