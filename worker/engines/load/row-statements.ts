import { Fault } from "#lib/domain/fault/fault.ts";
import { HEAD_LIMIT, INSERT_HEAD, NAME, SHORT_HEAD } from "./insert-head.ts";

/** A long statement is a long row, or no INSERT of a dump program: those write one statement for about 1 MiB of rows. */
const STATEMENT_LIMIT = 4 * 1024 * 1024;

const [NEWLINE, SEMICOLON, INSERT, DASH, QUOTE] = [10, 59, 73, 45, 96];
const END = Buffer.from(";\n");

/** Where the rows of an INSERT go, as the statement's beginning says it. Names are quoted. */
export interface RowsHead {
  readonly table: string;
  /** Null: all columns that rows have, in their order. */
  readonly columns: readonly string[] | null;
  /** What stands between two rows: `),(` or, with a row to a line, `),` + newline + `(`. */
  readonly separator: string;
}

/**
 * One step of an artifact of rows. `statement`: anything that is not an INSERT, without the closing semicolon. `insert`: a whole INSERT; its rows are the bytes from `rowsFrom` on, without the
 * last three (`);` and the line's end). `rest`: from here on it is not as the dump programs write it, or holds a row of megabytes; the bytes as they come, now and later.
 */
export type RowStep =
  | { readonly kind: "statement"; readonly text: Buffer }
  | { readonly kind: "insert"; readonly head: RowsHead; readonly whole: readonly Buffer[]; readonly bytes: number; readonly rowsFrom: number }
  | { readonly kind: "rest"; readonly pieces: readonly Buffer[] };

/**
 * Takes an artifact of rows apart into its statements. Dump programs write no line feed within a value, so that a semicolon at the end of a line ends a statement. What is given are
 * parts of the pieces that came in, never copies.
 */
export class RowStatements {
  readonly #artifact: string;
  readonly #limit: number;
  #held: Buffer[] = [];
  #bytes = 0;
  #resting = false;

  constructor(artifact: string, limit: number = STATEMENT_LIMIT) {
    this.#artifact = artifact;
    this.#limit = limit;
  }

  push(chunk: Buffer): RowStep[] {
    if (this.#resting) return [{ kind: "rest", pieces: [chunk] }];
    const steps: RowStep[] = [];
    for (let at = 0; at < chunk.length; ) {
      const end = this.#endOf(chunk, at);
      const piece = chunk.subarray(at, end < 0 ? chunk.length : end);
      this.#held.push(piece);
      this.#bytes += piece.length;
      at += piece.length;
      if (end < 0 && this.#bytes <= this.#limit) break;
      steps.push(...(end < 0 ? this.#rest() : this.#taken()));
      if (this.#resting && at < chunk.length) steps.push({ kind: "rest", pieces: [chunk.subarray(at)] });
      if (this.#resting) break;
    }
    return steps;
  }

  /** What was still held. Throws LOAD_FAILED when that is part of an INSERT. */
  end(): RowStep[] {
    if (this.#bytes === 0) return [];
    if (this.#held.at(-1)?.at(-1) === SEMICOLON) {
      this.#held.push(Buffer.from("\n"));
      this.#bytes += 1;
    } else if (this.#first() === INSERT) throw new Fault("LOAD_FAILED", { params: { artifact: this.#artifact, message: "it ends within a statement" } });
    return this.#taken();
  }

  /** Just after the end of the unit that is being read: a comment, an empty line, a statement. -1 when it is not in this chunk. */
  #endOf(chunk: Buffer, at: number): number {
    const first = this.#bytes > 0 ? this.#first() : chunk[at];
    if (first === DASH || first === NEWLINE) return chunk.indexOf(NEWLINE, at) + 1 || -1;
    if (this.#bytes > 0 && chunk[at] === NEWLINE && this.#held.at(-1)?.at(-1) === SEMICOLON) return at + 1;
    const end = chunk.indexOf(END, at);
    return end < 0 ? -1 : end + END.length;
  }

  #first(): number | undefined {
    return this.#held[0]?.[0];
  }

  #taken(): RowStep[] {
    const first = this.#first();
    if (first === INSERT) {
      const head = this.#head();
      if (!head) return this.#rest();
      const step: RowStep = { kind: "insert", head: head.head, whole: this.#held, bytes: this.#bytes, rowsFrom: head.rowsFrom };
      this.#clear();
      return [step];
    }
    const text = Buffer.concat(this.#held);
    // a name with a line feed in a comment: its second line is none
    if (first === DASH && text.filter((byte) => byte === QUOTE).length % 2 === 1) return this.#rest();
    this.#clear();
    if (first === DASH || first === NEWLINE) return [];
    return [{ kind: "statement", text: text.subarray(-END.length).equals(END) ? text.subarray(0, -END.length) : text }];
  }

  #head(): { head: RowsHead; rowsFrom: number } | null {
    const start = Buffer.concat(this.#held, Math.min(this.#bytes, HEAD_LIMIT));
    const match = INSERT_HEAD.exec(start.toString("latin1", 0, SHORT_HEAD)) ?? INSERT_HEAD.exec(start.toString("latin1"));
    if (!match || match[1] !== undefined || !this.#endsRows()) return null;
    const [text, , table = "", columns] = match;
    const utf8 = (name: string): string => Buffer.from(name, "latin1").toString("utf8");
    const names = columns === undefined ? null : [...columns.matchAll(new RegExp(NAME, "g"))].map(([name]) => utf8(name));
    return { head: { table: utf8(table), columns: names, separator: this.#hasLines(text.length) ? "),\n(" : "),(" }, rowsFrom: text.length + 1 };
  }

  /** Is there a row to a line? No value holds a line feed. */
  #hasLines(from: number): boolean {
    let at = 0;
    return this.#held.some((piece) => {
      const newline = piece.indexOf(NEWLINE, Math.max(0, from - at));
      at += piece.length;
      return newline >= 0 && at - piece.length + newline < this.#bytes - 1;
    });
  }

  #endsRows(): boolean {
    const tail = Buffer.concat(this.#held.slice(-3)).subarray(-3);
    return tail.equals(Buffer.from(");\n"));
  }

  #rest(): RowStep[] {
    const pieces = this.#held;
    this.#clear();
    this.#resting = true;
    return [{ kind: "rest", pieces }];
  }

  #clear(): void {
    this.#held = [];
    this.#bytes = 0;
  }
}
