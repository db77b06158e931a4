import { stat } from "node:fs/promises";
import { join } from "node:path";

const BEGUN = /^\[(\d+)\] [\d-]+ [\d:]+ Copying \S+ to (\/.+)$/;
const DONE = /^\[(\d+)\] [\d-]+ [\d:]+\s+\.\.\.done/;
/** Aria's and MyISAM's files are told of when they are there. */
const COPIED = /\] [\d-]+ [\d:]+ (?:aria table file (\.\/\S+) is copied|Copied file (\.\/\S+) for )/;

/** Follows what `mariadb-backup` says of the files that it copies, line by line, and measures them where they arrive. */
export class CopyProgress {
  readonly #target: string;
  /** Path by number of the thread that copies it. */
  readonly #open = new Map<string, string>();
  readonly #ended: string[] = [];
  #bytes = 0;
  /** The file that was begun last. */
  item = "";

  constructor(target: string) {
    this.#target = target;
  }

  read(line: string): void {
    const [, thread, path] = BEGUN.exec(line) ?? [];
    if (thread && path) {
      this.#open.set(thread, path);
      this.item = path.slice(this.#target.length + 1);
    }
    const done = DONE.exec(line)?.[1];
    const ended = done ? this.#open.get(done) : undefined;
    if (done && ended) {
      this.#open.delete(done);
      this.#ended.push(ended);
    }
    const [, aria, other] = COPIED.exec(line) ?? [];
    const copied = aria ?? other;
    if (copied) this.#ended.push(join(this.#target, copied));
  }

  /** Bytes copied so far, of files that are still being written as well. */
  async bytes(): Promise<number> {
    for (const path of this.#ended.splice(0)) this.#bytes += await sizeOf(path);
    let bytes = this.#bytes;
    for (const path of this.#open.values()) bytes += await sizeOf(path);
    return bytes;
  }
}

/** What was renamed or removed meanwhile counts nothing. */
function sizeOf(path: string): Promise<number> {
  return stat(path).then(({ size }) => size, () => 0);
}
