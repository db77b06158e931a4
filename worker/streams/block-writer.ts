import type { Writable } from "node:stream";

/** One block is one step of the compressor: with the 64 KiB pieces that pipes give, zstd cost half as much again (3.2 instead of 2.4 CPU seconds for 600 MB). */
const BLOCK_BYTES = 1024 * 1024;
/** One is compressed, one waits for it, one is filled. */
const BLOCKS = 3;

/** A source that fills a block itself gets no less than this: a page, and the longest sector there is. */
export const ROOM_BYTES = 4096;

/** Begins where a page of the machine begins, as memory that may be resized does in this runtime: the kernel puts what is read past its cache straight into it. */
function alignedBlock(): Buffer {
  return Buffer.from(new ArrayBuffer(BLOCK_BYTES, { maxByteLength: BLOCK_BYTES }), 0, BLOCK_BYTES);
}

/**
 * Copies small pieces into large blocks and hands those to a stream, using the same few blocks again and again: memory for each piece that is held
 * until it is compressed made V8 collect garbage for 3 of 19 CPU seconds.
 */
export class BlockWriter {
  readonly #stream: Writable;
  readonly #free: Buffer[] = [];
  #made = 0;
  #block: Buffer | undefined;
  #filled = 0;
  #waiting: (() => void) | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.once("close", () => this.#wake());
  }

  /** Takes the whole chunk, which may be used again afterwards. A promise when it must wait for a block first; resolves too once the stream is gone. */
  write(chunk: Buffer): Promise<void> | undefined {
    const at = this.#take(chunk, 0);
    return at < chunk.length ? this.#rest(chunk, at) : undefined;
  }

  /**
   * Lets a source write into the block itself, which spares a copy: it gets the room there is (at least {@link ROOM_BYTES}, at most a block) and says how many bytes it put
   * there. Gives that part of the block, good until the next call; empty when the source gave nothing or the stream is gone.
   */
  async fill(source: (room: Buffer) => Promise<number>): Promise<Buffer> {
    if (this.#block && BLOCK_BYTES - this.#filled < ROOM_BYTES) this.#hand(this.#block);
    for (this.#block ??= this.#next(); !this.#block && !this.#stream.destroyed; this.#block = this.#next()) await this.#freed();
    const block = this.#block;
    if (!block) return Buffer.alloc(0);
    const from = this.#filled;
    this.#filled += await source(block.subarray(from));
    const filled = block.subarray(from, this.#filled);
    if (BLOCK_BYTES - this.#filled < ROOM_BYTES) this.#hand(block);
    return filled;
  }

  /** Hands on what is left; no more bytes. */
  end(): void {
    if (this.#block && this.#filled > 0) this.#stream.write(this.#block.subarray(0, this.#filled));
    this.#block = undefined;
    this.#stream.end();
  }

  async #rest(chunk: Buffer, from: number): Promise<void> {
    for (let at = from; at < chunk.length && !this.#stream.destroyed; at = this.#take(chunk, at)) {
      if (this.#free.length === 0 && this.#made === BLOCKS) await this.#freed();
    }
  }

  /** Copies as much as there are blocks for; gives how far it came. */
  #take(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length) {
      this.#block ??= this.#next();
      if (!this.#block) break;
      const copied = chunk.copy(this.#block, this.#filled, at);
      at += copied;
      this.#filled += copied;
      if (this.#filled === BLOCK_BYTES) this.#hand(this.#block);
    }
    return at;
  }

  #next(): Buffer | undefined {
    this.#filled = 0;
    const free = this.#free.pop();
    if (free || this.#made === BLOCKS) return free;
    this.#made++;
    return alignedBlock();
  }

  #hand(block: Buffer): void {
    this.#block = undefined;
    this.#stream.write(this.#filled === BLOCK_BYTES ? block : block.subarray(0, this.#filled), () => {
      this.#free.push(block);
      this.#wake();
    });
  }

  #freed(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  #wake(): void {
    this.#waiting?.();
    this.#waiting = undefined;
  }
}
