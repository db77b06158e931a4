import { open } from "node:fs/promises";
import { basename } from "node:path";
import type { Flavor } from "#lib/contract/names.ts";
import type { SegmentContent } from "#lib/contract/archive/segment.ts";
import type { ArchivedTransaction } from "#lib/contract/archive/transaction.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { EventFramer, type EventPiece } from "./event-framer.ts";
import { SegmentEvents } from "./segment-events.ts";

const MAGIC = Buffer.from([0xfe, 0x62, 0x69, 0x6e]);
const MAGIC_ENCRYPTED = Buffer.from([0xfd, 0x62, 0x69, 0x6e]);

export interface ReadOptions {
  readonly flavor: Flavor;
  /** Called for every whole transaction, in the order of the log; reading waits for what it returns. */
  readonly onTransaction?: (transaction: ArchivedTransaction) => void | Promise<void>;
  /** Name of the file on the server, where the path has another one. */
  readonly file?: string;
  readonly signal?: AbortSignal;
  /** Heartbeats in this schema are counted apart; null or absent: `heartbeats` is not told. */
  readonly heartbeatSchema?: string | null;
  /** At every so many bytes of the file, `onMark` is told what stood before: all whole events that end there or sooner. */
  readonly markBytes?: number;
  readonly onMark?: (position: number, before: SegmentContent) => void;
}

/** What was read, and what of the file does not count. */
export interface SegmentReading extends SegmentContent {
  /** Bytes behind the last whole event: the server died or still writes. */
  readonly tailBytes: number;
  /** Position after the last whole transaction: behind it stand events without an end. Never before the first transaction's start. */
  readonly transactionEnd: number;
}

/** Reads a binary log that may still grow: each reading goes on where the last one ended. After a fault it is of no further use. */
export class SegmentReader {
  readonly #path: string;
  readonly #file: string;
  readonly #options: ReadOptions;
  readonly #framer: EventFramer;
  readonly #events: SegmentEvents;
  #size = 0;
  #count = 0;
  #mark: number;

  constructor(path: string, options: ReadOptions) {
    this.#path = path;
    this.#file = options.file ?? basename(path);
    this.#options = options;
    this.#framer = new EventFramer({ file: this.#file, inner: false });
    this.#events = new SegmentEvents(this.#file, options.heartbeatSchema);
    this.#mark = options.markBytes ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Reads what is there by now, and gives what stands in the file from its beginning.
   * @throws Fault BINLOG_NOT_READABLE, BINLOG_DAMAGED; the signal's reason
   */
  async readOn(): Promise<SegmentReading> {
    const handle = await open(this.#path, "r");
    try {
      if (this.#size === 0) {
        const { buffer: magic, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
        requireMagic(this.#file, magic.subarray(0, bytesRead));
        this.#size = 4;
      }
      for (;;) {
        this.#options.signal?.throwIfAborted();
        const room = this.#framer.room();
        const { bytesRead } = await handle.read(room, 0, room.length, this.#size);
        if (bytesRead === 0) break;
        this.#size += bytesRead;
        this.#framer.filled(bytesRead);
        await this.#takeWhole();
      }
    } finally {
      await handle.close();
    }
    if (this.#events.serverVersion === "") throw notReadable(this.#file, "its description is not whole");
    requireFlavor(this.#file, this.#events.serverVersion, this.#options.flavor);
    const { position } = this.#framer;
    const { transactionEnd } = this.#events.tally;
    const end = position < this.#size ? ({ kind: "torn" } as const) : this.#events.end;
    return { ...this.#content(position), end, tailBytes: this.#size - position, transactionEnd: transactionEnd === 0 ? position : transactionEnd };
  }

  async #takeWhole(): Promise<void> {
    for (let piece = this.#framer.next(); piece; piece = this.#framer.next()) {
      if (piece.first) this.#tellMarks(piece);
      // Waiting costs more than most events do: only for those that ask for it.
      const wait = this.#understood(piece);
      if (wait) await wait;
      if (piece.last) this.#count += 1;
      const whole = this.#events.takeTransactions();
      for (let place = 0; place < whole.length; place += 1) {
        const taken = this.#options.onTransaction?.(whole[place] as ArchivedTransaction);
        if (taken) await taken;
      }
    }
  }

  /** Marks that this event passes: before it, what is counted is what ends there or sooner. */
  #tellMarks({ header }: EventPiece): void {
    for (; this.#mark < header.position + header.size; this.#mark += this.#options.markBytes ?? Number.POSITIVE_INFINITY) {
      this.#options.onMark?.(this.#mark, { ...this.#content(header.position), end: { kind: "open" } });
    }
  }

  #content(endPosition: number): Omit<SegmentContent, "end"> {
    const { tally, serverVersion, serverId } = this.#events;
    return { endPosition, events: this.#count, ...tally.counted(), serverVersion, serverId };
  }

  /** An event whose bytes are right and whose fields are not was written by nobody that is known here. */
  #understood(piece: EventPiece): Promise<void> | undefined {
    const explained = (error: unknown): never => {
      if (!(error instanceof RangeError)) throw error;
      throw new Fault("BINLOG_DAMAGED", { params: { file: this.#file, position: piece.header.position, message: `an event cannot be understood (${error.message})` }, cause: error });
    };
    try {
      return this.#events.take(piece)?.catch(explained);
    } catch (error) {
      return explained(error);
    }
  }
}

function requireMagic(file: string, magic: Buffer): void {
  if (magic.equals(MAGIC)) return;
  throw notReadable(file, magic.equals(MAGIC_ENCRYPTED) ? "the server encrypted it" : magic.length < 4 ? "it is empty" : "it begins like another kind of file");
}

function requireFlavor(file: string, version: string, flavor: Flavor): void {
  const mariadb = /mariadb/i.test(version);
  if (mariadb !== (flavor === "mariadb")) throw notReadable(file, `it was written by ${version}, not by ${flavor}`);
}

function notReadable(file: string, message: string): Fault {
  return new Fault("BINLOG_NOT_READABLE", { params: { file, message } });
}
