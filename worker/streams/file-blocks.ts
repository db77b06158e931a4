import type { FileHandle } from "node:fs/promises";

const BLOCK_BYTES = 512 * 1024;

/**
 * Gathers small pieces into blocks and writes those to a file, one block being written while the other is filled. gpg hands out 8 to 32 KiB at a time:
 * a write for each kept the main thread busy for 2.7 s of wall time at 250 MB, and a digest for each costs as much again as its call.
 */
export class FileBlocks {
  readonly #file: FileHandle;
  readonly #onBlock: (block: Buffer) => void;
  #filling = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  #spare = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  #filled = 0;
  #writing: Promise<void> = Promise.resolve();

  /** `onBlock` sees every byte once, in order, before it is written. */
  constructor(file: FileHandle, onBlock: (block: Buffer) => void) {
    this.#file = file;
    this.#onBlock = onBlock;
  }

  /** Takes the whole piece, which may be used again afterwards. Rejects with what a write failed with. */
  async write(piece: Buffer): Promise<void> {
    for (let at = 0; at < piece.length; ) {
      const copied = piece.copy(this.#filling, this.#filled, at);
      at += copied;
      this.#filled += copied;
      if (this.#filled === BLOCK_BYTES) await this.#hand();
    }
  }

  /** Resolves when everything is written; not yet durable. */
  async end(): Promise<void> {
    await this.#hand();
    await this.#writing;
  }

  async #hand(): Promise<void> {
    await this.#writing;
    const block = this.#filling.subarray(0, this.#filled);
    [this.#filling, this.#spare] = [this.#spare, this.#filling];
    this.#filled = 0;
    if (block.length === 0) return;
    this.#onBlock(block);
    this.#writing = writeAll(this.#file, block);
    // Looked at by the next block or by end(); until then it must not count as unhandled.
    this.#writing.catch(() => undefined);
  }
}

async function writeAll(file: FileHandle, chunk: Buffer): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at, chunk.length - at)).bytesWritten;
}
