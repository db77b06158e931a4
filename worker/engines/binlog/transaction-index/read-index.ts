import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import type { ArchivedTransaction } from "#lib/contract/archive/transaction.ts";
import { type IndexHeader, indexDirectory, indexHeader, indexTrailer } from "#lib/contract/archive/transaction-index.ts";
import type { BlockSummary } from "#lib/domain/binlog/block-summary.ts";
import { openBlock, type TransactionBlock } from "#lib/domain/binlog/transaction-block.ts";
import { Fault } from "#lib/domain/fault/fault.ts";

/** The last line is a small object; the first names a server and a file. */
const TRAILER_BYTES = 200;
const HEADER_BYTES = 2000;

/** Transactions that follow each other in a binary log file: what they did together, and each of them when it is asked for. */
export interface IndexedBlock {
  readonly summary: BlockSummary;
  /** Faults BINLOG_INDEX_DAMAGED; errors of the file system as they come. */
  transactions(): Promise<ArchivedTransaction[]>;
}

export interface TransactionIndex {
  readonly header: IndexHeader;
  readonly endPosition: number;
  readonly blocks: readonly IndexedBlock[];
  /** The file stays readable until then, even when it is removed meanwhile. */
  close(): Promise<void>;
}

/** Opens an index, to be closed by who opened it: reads its directory only, and blocks when they are asked for. Fault BINLOG_INDEX_DAMAGED; ENOENT. */
export async function openIndex(path: string): Promise<TransactionIndex> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const trailer = await piece(handle, Math.max(0, size - TRAILER_BYTES), Math.min(size, TRAILER_BYTES));
    const place = indexTrailer.parse(JSON.parse(trailer.subarray(trailer.subarray(0, -1).lastIndexOf("\n") + 1).toString("utf8")));
    const lead = await piece(handle, 0, Math.min(size, HEADER_BYTES));
    const header = indexHeader.parse(JSON.parse(lead.subarray(0, lead.indexOf("\n")).toString("utf8")));
    const { endPosition, blocks } = indexDirectory.parse(JSON.parse(await line(handle, { offset: place.directory, bytes: place.bytes, crc32: place.crc32 })));
    return { header, endPosition, blocks: blocks.map(({ summary, ...at }) => ({ summary, transactions: () => opened(handle, path, header.file, at) })), close: () => handle.close() };
  } catch (cause) {
    await handle.close();
    throw explained(path, cause);
  }
}

interface Place {
  readonly offset: number;
  readonly bytes: number;
  readonly crc32: number;
}

async function opened(handle: FileHandle, path: string, file: string, at: Place): Promise<ArchivedTransaction[]> {
  try {
    const block = JSON.parse(await line(handle, at)) as TransactionBlock;
    // What was written is what the archive's reader said, and its checksum fits: the fields are not checked one by one.
    return openBlock(block).map((transaction) => ({ ...transaction, file, bytes: transaction.end - transaction.start }) as ArchivedTransaction);
  } catch (cause) {
    throw explained(path, cause);
  }
}

async function line(handle: FileHandle, { offset, bytes, crc32: expected }: Place): Promise<string> {
  const read = await piece(handle, offset, bytes);
  if (crc32(read) !== expected) throw new RangeError("a line has another checksum");
  return read.toString("utf8");
}

async function piece(handle: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await handle.read(buffer, 0, bytes, offset);
  if (bytesRead !== bytes) throw new RangeError("it is shorter than it says");
  return buffer;
}

/** Errors of the file system stay what they are; everything else says that these bytes are no index. */
function explained(path: string, cause: unknown): unknown {
  if (cause instanceof Fault || typeof (cause as NodeJS.ErrnoException).code === "string") return cause;
  return new Fault("BINLOG_INDEX_DAMAGED", { params: { path, message: cause instanceof Error ? cause.message.slice(0, 200) : String(cause) }, cause });
}
