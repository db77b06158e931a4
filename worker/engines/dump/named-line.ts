/** A name between backticks, newlines included; or bare, as MariaDB keeps a trigger's text the way it was typed. A schema may stand before it. */
const NAME = /^(?:(?:`(?:[^`]|``)*`|[^\s`.]+)\s*\.\s*)?(?:`((?:[^`]|``)*)`|([^\s`.]+)(?=\s))/;
/** Longest name is 64 characters: more lines than this are no name. */
const MOST_LINES = 66;

/**
 * Finds the name in lines that begin an object, also where the name itself holds newlines: in comments the dump programs write `-- ` after
 * each of them, in statements nothing. Feed every line; gives the unquoted name once it is complete.
 */
export class NamedLine {
  readonly #begins: RegExp;
  #open: { text: string; lines: number; comment: boolean } | undefined;

  /** `begins` matches the start of such a line up to, not including, the quoted name. */
  constructor(begins: RegExp) {
    this.#begins = begins;
  }

  /** Is a name still open, so that this line continues it? */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  feed(line: string): string | null {
    if (this.#open) {
      const { comment } = this.#open;
      this.#open.text += `\n${comment ? line.replace(/^-- ?/, "") : line}`;
      if (++this.#open.lines > MOST_LINES) this.#open = undefined;
    } else {
      const start = this.#begins.exec(line);
      if (!start) return null;
      this.#open = { text: line.slice(start[0].length), lines: 1, comment: line.startsWith("--") };
    }
    const match = this.#open && NAME.exec(this.#open.text);
    if (!match) return null;
    this.#open = undefined;
    return match[1]?.replaceAll("``", "`") ?? match[2] ?? null;
  }
}
