import { Fault } from "#lib/domain/fault/fault.ts";
import { HEAD_LIMIT, INSERT_HEAD, SHORT_HEAD } from "./insert-head.ts";
import type { Rewriter } from "./rewrite.ts";

/** Bytes from which on a statement ends at the next border between rows. */
const STATEMENT_BYTES = 16 * 1024;

const [NEWLINE, QUOTE, OPEN, CLOSE, COMMA, SEMICOLON, INSERT, BACKSLASH] = [10, 39, 40, 41, 44, 59, 73, 92];
const BEGIN = Buffer.from("BEGIN;\n");
const END_OF_STATEMENT = Buffer.from(";\n");
const COMMIT = Buffer.from("\nCOMMIT;");

/**
 * Cuts the long INSERTs of an artifact of rows at borders between rows. A server keeps a statement's values in memory, thirty times their text, and walks over all of them six times: those
 * of 1 MiB no cache holds. What was one statement is one transaction, still done wholly or not at all and made durable once. Shorter statements and all else
 * pass as they are, and so does the rest of an artifact in which one begins otherwise than the dump programs write it. `end` throws LOAD_FAILED when a statement has no end.
 */
export function statementCutter(artifact: string, statementBytes: number = STATEMENT_BYTES): Rewriter {
  const cutter = new StatementCutter(statementBytes);
  return {
    push: (chunk) => cutter.push(chunk),
    end() {
      if (cutter.withinStatement) throw new Fault("LOAD_FAILED", { params: { artifact, message: "it ends within a statement" } });
      return cutter.rest();
    },
  };
}

class StatementCutter {
  readonly #statementBytes: number;
  /** `start`, `line`: of a line, and the rest of one that is no INSERT. `rows`, `string`: of an INSERT, outside and inside of quotes. `plain`: nothing is cut any more. */
  #state: "start" | "line" | "rows" | "string" | "plain" = "start";
  /** The next byte of the string stands for itself. */
  #escaped = false;
  /** Parentheses open. */
  #depth = 0;
  #head: Buffer = Buffer.alloc(0);
  #limit = 0;
  /** Bytes of the present piece of the statement that were in earlier chunks. */
  #before = 0;
  #inTransaction = false;
  /** Beginning, in earlier chunks, of a statement that is not known to be long. At most the limit. */
  #held: Buffer[] = [];
  /** A beginning that cannot be told yet. */
  #carried: Buffer | undefined;
  #data: Buffer = Buffer.alloc(0);
  /** Up to here the present chunk was given. */
  #given = 0;
  #out: Buffer[] = [];

  constructor(statementBytes: number) {
    this.#statementBytes = statementBytes;
  }

  get withinStatement(): boolean {
    return this.#state === "rows" || this.#state === "string";
  }

  /** Bytes that were kept to the end. */
  rest(): Buffer[] {
    return this.#carried ? [this.#carried] : [];
  }

  push(chunk: Buffer): Buffer[] {
    const data = this.#carried ? Buffer.concat([this.#carried, chunk]) : chunk;
    this.#data = data;
    this.#carried = undefined;
    this.#given = 0;
    this.#out = [];
    /** Where the present piece of the statement began; negative in an earlier chunk. */
    let piece = -this.#before;
    for (let at = 0; at < data.length; ) {
      if (this.#state === "rows") {
        at = this.#rows(at, piece);
        if (at < 0) {
          at = -at;
          piece = at - this.#head.length;
        }
      } else if (this.#state === "string") at = this.#string(at);
      else if (this.#state === "line") at = this.#line(at);
      else if (this.#state === "plain") at = data.length;
      else {
        piece = at;
        at = this.#start(at);
      }
    }
    if (this.withinStatement) this.#leave(data.length - piece);
    else this.#give(data.length);
    return this.#out;
  }

  /** At the start of a line. Gives where to go on. */
  #start(at: number): number {
    const data = this.#data;
    if (data[at] !== INSERT) {
      this.#state = "line";
      return at;
    }
    const head = INSERT_HEAD.exec(data.toString("latin1", at, at + SHORT_HEAD)) ?? INSERT_HEAD.exec(data.toString("latin1", at, at + HEAD_LIMIT));
    this.#give(at);
    if (head) {
      this.#state = "rows";
      this.#depth = 0;
      this.#head = Buffer.from(head[0], "latin1");
      this.#limit = Math.max(this.#statementBytes, 4 * this.#head.length);
      return at + this.#head.length;
    }
    if (data.length - at >= HEAD_LIMIT) this.#state = "plain";
    else {
      this.#carried = Buffer.from(data.subarray(at));
      this.#given = data.length;
    }
    return data.length;
  }

  #line(at: number): number {
    const newline = this.#data.indexOf(NEWLINE, at);
    if (newline === -1) return this.#data.length;
    this.#state = "start";
    return newline + 1;
  }

  #string(from: number): number {
    const data = this.#data;
    let at = this.#escaped ? from + 1 : from;
    for (; at < data.length; at++) {
      const byte = data[at];
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) at++;
    }
    this.#escaped = at > data.length;
    if (at < data.length) this.#state = "rows";
    return at + 1;
  }

  /** Values outside of quotes, to the next string or the statement's end; `piece`: where the present one began. Gives where to go on, negative when it was cut before there. */
  #rows(from: number, piece: number): number {
    const data = this.#data;
    const { length } = data;
    let depth = this.#depth;
    let at = from;
    while (at < length) {
      const byte = data[at++] as number;
      if (depth > 0) {
        if (byte < QUOTE || byte > CLOSE) continue;
        if (byte === QUOTE) {
          this.#state = "string";
          break;
        }
        depth += byte === OPEN ? 1 : -1;
      } else if (byte === OPEN) depth = 1;
      else if (byte === COMMA && at - piece > this.#limit) {
        this.#depth = 0;
        this.#cut(at);
        return -at;
      } else if (byte === SEMICOLON) {
        this.#endStatement(at);
        break;
      }
    }
    this.#depth = depth;
    return at;
  }

  /** At the comma before `at`. */
  #cut(at: number): void {
    this.#openTransaction();
    this.#give(at - 1);
    this.#out.push(END_OF_STATEMENT, this.#head);
    this.#given = at;
  }

  #endStatement(at: number): void {
    if (this.#inTransaction) {
      this.#give(at);
      this.#out.push(COMMIT);
      this.#inTransaction = false;
    } else this.#release();
    this.#before = 0;
    this.#state = "line";
  }

  /** The chunk ends within a statement, `bytes` after the present piece began. */
  #leave(bytes: number): void {
    this.#before = bytes;
    if (!this.#inTransaction && bytes <= this.#limit) this.#held.push(Buffer.from(this.#data.subarray(this.#given)));
    else {
      this.#openTransaction();
      this.#give(this.#data.length);
    }
  }

  #openTransaction(): void {
    if (this.#inTransaction) return;
    this.#out.push(BEGIN);
    this.#release();
    this.#inTransaction = true;
  }

  #release(): void {
    this.#out.push(...this.#held);
    this.#held = [];
  }

  #give(to: number): void {
    if (to > this.#given) this.#out.push(this.#data.subarray(this.#given, to));
    this.#given = to;
  }
}
