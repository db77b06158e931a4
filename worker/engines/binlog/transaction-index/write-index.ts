import { appendFileSync, closeSync, copyFileSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import type { ArchivedTransaction } from "#lib/contract/archive/transaction.ts";
import { INDEX_FORMAT, type IndexDirectory, type IndexHeader } from "#lib/contract/archive/transaction-index.ts";
import { SummaryBuilder } from "#lib/domain/binlog/block-summary.ts";
import { BlockBuilder } from "#lib/domain/binlog/transaction-block.ts";

/** A block is opened as a whole: few enough to be quick, enough for its summary to be worth it. */
const BLOCK_TRANSACTIONS = 4096;
const BLOCK_CHARACTERS = 1024 * 1024;

/** Writes the index of one binary log file: a line for each block of transactions, then the directory. Nothing stands at `path` before all is on disk. */
export class IndexWriter {
  readonly #draft: string;
  readonly #descriptor: number;
  readonly #blocks: IndexDirectory["blocks"] = [];
  #open: { builder: BlockBuilder; summary: SummaryBuilder; transactions: number } | undefined;
  #last: string | null = null;
  #done = false;
  #bytes = 0;

  /** `path`: beside it the draft is written; its folder is made, 0700. Errors of the file system as they come. */
  constructor(path: string, whose: Omit<IndexHeader, "format">) {
    // Two processes may index one file at a time.
    this.#draft = `${path}.${process.pid}.partial`;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    rmSync(this.#draft, { force: true });
    this.#descriptor = openSync(this.#draft, "wx", 0o600);
    try {
      this.#line({ format: INDEX_FORMAT, ...whose });
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  /** In the order of the log. */
  add(transaction: ArchivedTransaction): void {
    let open = this.#open;
    if (open && (open.transactions >= BLOCK_TRANSACTIONS || open.builder.size >= BLOCK_CHARACTERS || !open.builder.add(transaction))) {
      this.#close();
      open = undefined;
    } else if (open) open.transactions += 1;
    if (!open) {
      open = { builder: new BlockBuilder(transaction), summary: new SummaryBuilder(this.#last, transaction), transactions: 1 };
      open.builder.add(transaction);
      this.#open = open;
    }
    open.summary.add(transaction);
    this.#last = transaction.committedAt;
  }

  /** All of the file was given, up to this position: after this the index stands at `path`, in the folder that was given first, on disk. */
  finish(endPosition: number, path: string): void {
    this.#close();
    writeAll(this.#descriptor, this.#ending(endPosition));
    fsyncSync(this.#descriptor);
    renameSync(this.#draft, path);
    this.#shut();
  }

  /** Up to this position all was given: the index of that much stands at `path` after this, not forced to disk, and more may be added. */
  publish(endPosition: number, path: string): void {
    this.#close();
    const copy = `${path}.${process.pid}.copy`;
    copyFileSync(this.#draft, copy);
    appendFileSync(copy, this.#ending(endPosition));
    renameSync(copy, path);
  }

  /** Leaves nothing behind; after {@link finish} it does nothing. */
  abort(): void {
    if (this.#done) return;
    this.#shut();
    rmSync(this.#draft, { force: true });
  }

  #shut(): void {
    if (!this.#done) closeSync(this.#descriptor);
    this.#done = true;
  }

  #close(): void {
    if (!this.#open) return;
    const { builder, summary } = this.#open;
    this.#open = undefined;
    this.#blocks.push({ ...this.#line(builder.block), summary: summary.summary() });
  }

  #line(value: unknown): { offset: number; bytes: number; crc32: number } {
    const line = textOf(value);
    writeAll(this.#descriptor, line);
    const offset = this.#bytes;
    this.#bytes += line.length;
    return { offset, ...placeOf(line) };
  }

  /** Directory and trailer, behind what was written so far. */
  #ending(endPosition: number): Buffer {
    const directory = textOf({ endPosition, blocks: this.#blocks } satisfies IndexDirectory);
    const { bytes, crc32 } = placeOf(directory);
    return Buffer.concat([directory, textOf({ directory: this.#bytes, bytes, crc32 })]);
  }
}

function textOf(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

function placeOf(line: Buffer): { bytes: number; crc32: number } {
  return { bytes: line.length - 1, crc32: crc32(line.subarray(0, -1)) };
}

function writeAll(descriptor: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}
