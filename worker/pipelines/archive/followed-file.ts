import { createHash, type Hash } from "node:crypto";
import { open } from "node:fs/promises";
import type { SegmentContent } from "#lib/contract/archive/segment.ts";
import type { BinlogEpoch } from "#lib/domain/backup/storage-keys.ts";
import { asFault } from "#lib/domain/fault/fault.ts";
import { SegmentReader } from "#worker/engines/binlog/segment-reader.ts";
import { IndexWriter } from "#worker/engines/binlog/transaction-index/write-index.ts";
import { type HostRuntime, heartbeatSchema } from "#worker/host/runtime.ts";
import { localIndexPath, trimLocalIndexes } from "./local-indexes.ts";
import type { RawFile } from "./raw-files.ts";

/** A binary log from its beginning up to the end of an event: what stands in it, and the digest of those bytes. */
export interface Beginning {
  readonly content: SegmentContent;
  /** Of the file's first `content.endPosition` bytes, hex. */
  readonly sha256: string;
}

interface FollowOptions {
  readonly pieceBytes: number;
  readonly signal: AbortSignal;
}

/**
 * A binary log that the stream still writes. Each reading goes on where the last one ended, so a look at a file of a gigabyte costs what it grew by: its events,
 * its digest, and the list of its transactions. After a fault it is of no further use.
 */
export class FollowedFile {
  readonly #host: HostRuntime;
  readonly #log: BinlogEpoch;
  readonly #raw: RawFile;
  readonly #reader: SegmentReader;
  readonly #hash: Hash = createHash("sha256");
  /** Bytes that are digested, and the memory that they are read into. */
  #hashed = 0;
  readonly #block = Buffer.allocUnsafeSlow(256 * 1024);
  /** What stood before each border between pieces, not digested yet. */
  #passed: { readonly border: number; readonly content: SegmentContent }[] = [];
  readonly #borders = new Map<number, Beginning>();
  #list: IndexWriter | null = null;

  constructor(host: HostRuntime, log: BinlogEpoch, raw: RawFile, { pieceBytes, signal }: FollowOptions) {
    this.#host = host;
    this.#log = log;
    this.#raw = raw;
    this.#tried(() => {
      this.#list = new IndexWriter(localIndexPath(host, log, raw.name, 0), { ...log, file: raw.name });
    });
    this.#reader = new SegmentReader(raw.path, {
      flavor: raw.session.flavor,
      signal,
      heartbeatSchema: heartbeatSchema(host),
      markBytes: pieceBytes,
      onMark: (border, content) => void this.#passed.push({ border, content }),
      onTransaction: (transaction) => this.#tried(() => this.#list?.add(transaction)),
    });
  }

  /** Reads what is there by now. Faults of readSegment. */
  async readOn(): Promise<Beginning> {
    const { tailBytes: _tail, transactionEnd: _end, ...content } = await this.#reader.readOn();
    for (const { border, content: before } of this.#passed) this.#borders.set(border, { content: before, sha256: await this.#digestTo(before.endPosition) });
    this.#passed = [];
    const sha256 = await this.#digestTo(content.endPosition);
    const path = localIndexPath(this.#host, this.#log, this.#raw.name, content.endPosition);
    this.#tried(() => this.#list?.publish(content.endPosition, path));
    this.#tried(() => trimLocalIndexes(this.#host, this.#log.server, path));
    return { content, sha256 };
  }

  /** What stood before a border between two pieces that was passed. */
  before(border: number): Beginning {
    const found = this.#borders.get(border);
    if (!found) throw new RangeError(`${this.#raw.name} was not read beyond ${border}`);
    return found;
  }

  /** Leaves no draft behind. */
  close(): void {
    this.#list?.abort();
    this.#list = null;
  }

  /** Positions come in order: no byte is read twice. */
  async #digestTo(position: number): Promise<string> {
    const file = await open(this.#raw.path, "r");
    try {
      while (this.#hashed < position) {
        const { bytesRead } = await file.read(this.#block, 0, Math.min(this.#block.length, position - this.#hashed), this.#hashed);
        if (bytesRead === 0) throw new RangeError(`${this.#raw.name} ends before ${position}`);
        this.#hash.update(this.#block.subarray(0, bytesRead));
        this.#hashed += bytesRead;
      }
    } finally {
      await file.close();
    }
    return this.#hash.copy().digest("hex");
  }

  /** The list is worth less than the file: where it cannot be written (a full disk), the file is followed without. */
  #tried(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#host.log.warn({ server: this.#log.server, file: this.#raw.name, fault: asFault(error).message }, "no list of transactions");
      this.close();
    }
  }
}
