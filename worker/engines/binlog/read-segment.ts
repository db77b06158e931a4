import { open } from "node:fs/promises";
import { basename } from "node:path";
import type { Flavor } from "#lib/contract/names.ts";
import type { SegmentContent } from "#lib/contract/archive/segment.ts";
import type { ArchivedTransaction } from "#lib/contract/archive/transaction.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { EventFramer, type EventPiece } from "./event-framer.ts";
import { SegmentEvents } from "./segment-events.ts";

/** Bytes read at once. */
const CHUNK_BYTES = 1024 * 1024;
const MAGIC = Buffer.from([0xfe, 0x62, 0x69, 0x6e]);
const MAGIC_ENCRYPTED = Buffer.from([0xfd, 0x62, 0x69, 0x6e]);

export interface ReadOptions {
  readonly flavor: Flavor;
  /** Called for every whole transaction, in the order of the log; reading waits for what it returns. */
  readonly onTransaction?: (transaction: ArchivedTransaction) => void | Promise<void>;
  /** Name of the file on the server, where the path has another one. */
  readonly file?: string;
  readonly signal?: AbortSignal;
}

/** What was read, and what of the file does not count. */
export interface SegmentReading extends SegmentContent {
  /** Bytes behind the last whole event: the server died or still writes. */
  readonly tailBytes: number;
  /** Position after the last whole transaction: behind it stand events without an end. Never before the first transaction's start. */
  readonly transactionEnd: number;
}

/**
 * Reads a binary log file as a stream: memory stays small however large its events are. Every event's length and CRC32 are checked; a
 * tail that is not whole is left out and reported. `end` is `torn` where neither rotation nor stop stands last: that the server still
 * writes the file is for the caller to know.
 * @throws Fault BINLOG_NOT_READABLE, BINLOG_DAMAGED; the signal's reason
 */
export async function readSegment(path: string, options: ReadOptions): Promise<SegmentReading> {
  const file = options.file ?? basename(path);
  const handle = await open(path, "r");
  try {
    const { buffer: magic, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    requireMagic(file, magic.subarray(0, bytesRead));
    const framer = new EventFramer({ file, inner: false });
    const events = new SegmentEvents(file);
    let count = 0;
    let size = 4;
    for (;;) {
      options.signal?.throwIfAborted();
      const { buffer, bytesRead: got } = await handle.read(Buffer.allocUnsafeSlow(CHUNK_BYTES), 0, CHUNK_BYTES, size);
      if (got === 0) break;
      size += got;
      framer.push(buffer.subarray(0, got));
      for (let piece = framer.next(); piece; piece = framer.next()) {
        // Waiting costs more than most events do: only for those that ask for it.
        const wait = understood(file, piece, events);
        if (wait) await wait;
        if (piece.last) count += 1;
        for (const transaction of events.takeTransactions()) {
          const taken = options.onTransaction?.(transaction);
          if (taken) await taken;
        }
      }
    }
    if (events.serverVersion === "") throw notReadable(file, "its description is not whole");
    requireFlavor(file, events.serverVersion, options.flavor);
    const { transactionEnd } = events.tally;
    const { position } = framer;
    return {
      endPosition: position,
      events: count,
      ...events.tally.counted(),
      end: position < size ? { kind: "torn" } : events.end,
      serverVersion: events.serverVersion,
      serverId: events.serverId,
      tailBytes: size - position,
      transactionEnd: transactionEnd === 0 ? position : transactionEnd,
    };
  } finally {
    await handle.close();
  }
}

/** An event whose bytes are right and whose fields are not was written by nobody that is known here. */
function understood(file: string, piece: EventPiece, events: SegmentEvents): Promise<void> | undefined {
  const explained = (error: unknown): never => {
    if (!(error instanceof RangeError)) throw error;
    throw new Fault("BINLOG_DAMAGED", { params: { file, position: piece.header.position, message: `an event cannot be understood (${error.message})` }, cause: error });
  };
  try {
    return events.take(piece)?.catch(explained);
  } catch (error) {
    return explained(error);
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
