/** Bytes of a line that are looked at: longer than any comment with a quoted name of 64 characters. */
const HEAD_BYTES = 640;
const NEWLINE = 10;

/** What a line is, decided from its first bytes. */
export type LineHandler = {
  /**
   * Called once for each line with its first bytes (whole line when shorter than 640 bytes, without newline).
   * What it returns decides where the line's bytes go: to {@link bytes} or nowhere.
   */
  line(head: Buffer): boolean;
  /** Bytes of lines that were wanted, newlines included, in order, as large pieces of the input chunks. */
  bytes(piece: Buffer): void;
};

/**
 * Walks a dump as it streams by, line by line, without ever holding more than a line's head: rows of 100 MB
 * are one line. mysqldump escapes newlines in values, so in data streams each line begins a statement or comment.
 */
export class SectionScanner {
  readonly #handler: LineHandler;
  #head: Buffer[] = [];
  #headBytes = 0;
  #decided = false;
  #wanted = false;
  #lines = 0;

  constructor(handler: LineHandler) {
    this.#handler = handler;
  }

  /** Lines begun so far. */
  get lines(): number {
    return this.#lines;
  }

  write(chunk: Buffer): void {
    let at = 0;
    let runStart = this.#decided && this.#wanted ? 0 : -1;
    while (at < chunk.length) {
      if (this.#decided) {
        const newline = chunk.indexOf(NEWLINE, at);
        if (newline === -1) break;
        at = newline + 1;
        this.#decided = false;
        continue;
      }
      const newline = chunk.indexOf(NEWLINE, at);
      const available = (newline === -1 ? chunk.length : newline) - at;
      const take = Math.min(available, HEAD_BYTES - this.#headBytes);
      const whole = newline !== -1 && take === available;
      if (!whole && this.#headBytes + take < HEAD_BYTES) {
        // The line's head goes on in the next chunk.
        if (runStart !== -1) this.#handler.bytes(chunk.subarray(runStart, at));
        this.#head.push(Buffer.from(chunk.subarray(at, at + take)));
        this.#headBytes += take;
        return;
      }
      const carried = this.#head.length > 0 ? Buffer.concat(this.#head) : undefined;
      const head = carried ? Buffer.concat([carried, chunk.subarray(at, at + take)]) : chunk.subarray(at, at + take);
      // Bytes of earlier lines first: the handler may close a section when it sees this line.
      const pendingEnd = at;
      this.#head = [];
      this.#headBytes = 0;
      this.#lines++;
      const isBoundary = head.length > 0 && head[0] !== 73; // anything but "I" of INSERT may change the section
      if (isBoundary && runStart !== -1) {
        if (pendingEnd > runStart) this.#handler.bytes(chunk.subarray(runStart, pendingEnd));
        runStart = -1;
      }
      const wanted = this.#handler.line(head);
      if (wanted) {
        if (carried) this.#handler.bytes(carried);
        if (runStart === -1) runStart = at;
      } else if (runStart !== -1) {
        if (pendingEnd > runStart) this.#handler.bytes(chunk.subarray(runStart, pendingEnd));
        runStart = -1;
      }
      this.#wanted = wanted;
      this.#decided = true;
    }
    if (runStart !== -1 && runStart < chunk.length) this.#handler.bytes(chunk.subarray(runStart));
  }

  /** End of input: a last line without newline is still a line. */
  end(): void {
    if (this.#decided || this.#headBytes === 0) return;
    const head = Buffer.concat(this.#head);
    this.#lines++;
    if (this.#handler.line(head)) this.#handler.bytes(head);
    this.#head = [];
    this.#headBytes = 0;
  }
}
