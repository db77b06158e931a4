/** What was learned of tables of one size. Bytes. */
interface Learned {
  /** What the server said of tables that are done, and what their rows came to as text. */
  said: number;
  came: number;
  /** What the server says of the others. */
  left: number;
}

/** The server gives even an empty table a page of 16 KiB: of the small ones it says nothing about their rows. */
const SMALL_BYTES = 1024 * 1024;
/** So much is held against what was learned first, bytes. */
const BELIEF = { small: 64 * 1024, large: 1024 * 1024 };

/**
 * How many bytes a dump will have, from what the server says of its tables and what the tables that are done came to: text is shorter or longer than pages, and
 * small tables are mostly empty pages. Small and large tables are learned of apart.
 */
export class DumpVolume {
  readonly tables: number;
  readonly #said: ReadonlyMap<string, number>;
  readonly #open = new Map<string, number>();
  readonly #learned: { small: Learned; large: Learned } = { small: { said: 0, came: 0, left: 0 }, large: { said: 0, came: 0, left: 0 } };
  #tablesDone = 0;
  #bytesDone = 0;

  /** @param said bytes of each table as the server says, by any key */
  constructor(said: ReadonlyMap<string, number>) {
    this.#said = said;
    this.tables = said.size;
    for (const bytes of said.values()) this.#learned[sizeOf(bytes)].left += bytes;
  }

  get tablesDone(): number {
    return this.#tablesDone;
  }

  get bytesDone(): number {
    return this.#bytesDone;
  }

  /** Expected at the end; never less than what is done. */
  get bytesTotal(): number {
    const { small, large } = this.#learned;
    let left = ratio(small, BELIEF.small) * small.left + ratio(large, BELIEF.large) * large.left;
    for (const [table, came] of this.#open) {
      const said = this.#said.get(table) ?? 0;
      const size = sizeOf(said);
      left -= Math.min(came, ratio(this.#learned[size], BELIEF[size]) * said);
    }
    return this.#bytesDone + Math.max(0, Math.round(left));
  }

  /** Bytes of a table's rows have come. */
  add(table: string, bytes: number): void {
    this.#bytesDone += bytes;
    this.#open.set(table, (this.#open.get(table) ?? 0) + bytes);
  }

  /** The table is done. */
  finish(table: string): void {
    const said = this.#said.get(table) ?? 0;
    const learned = this.#learned[sizeOf(said)];
    learned.said += said;
    learned.came += this.#open.get(table) ?? 0;
    learned.left -= said;
    this.#open.delete(table);
    this.#tablesDone += 1;
  }
}

function sizeOf(bytes: number): "small" | "large" {
  return bytes < SMALL_BYTES ? "small" : "large";
}

function ratio({ said, came }: Learned, belief: number): number {
  return (came + belief) / (said + belief);
}
