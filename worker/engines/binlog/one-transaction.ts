import type { ArchivedTransaction } from "#lib/contract/archive/transaction.ts";
import { asFault } from "#lib/domain/fault/fault.ts";
import { EventFramer } from "./event-framer.ts";
import { SegmentEvents } from "./segment-events.ts";

/**
 * Reads the bytes of one transaction out of the middle of a binary log; null when they are not just that. Whether events have checksums stands at the file's beginning: read
 * with them first, since then every byte is checked.
 */
export async function readOneTransaction(bytes: Buffer, place: { readonly file: string; readonly position: number }): Promise<ArchivedTransaction | null> {
  for (const checksums of [true, false]) {
    try {
      return await readWith(bytes, { ...place, checksums });
    } catch (error) {
      if (!checksums || (asFault(error).code !== "BINLOG_DAMAGED" && !(error instanceof RangeError))) throw error;
    }
  }
  return null;
}

async function readWith(bytes: Buffer, { file, position, checksums }: { file: string; position: number; checksums: boolean }): Promise<ArchivedTransaction | null> {
  const framer = new EventFramer({ file, inner: false, from: { position, checksums } });
  const events = new SegmentEvents(file);
  const found: ArchivedTransaction[] = [];
  framer.push(bytes);
  for (let piece = framer.next(); piece; piece = framer.next()) {
    await events.take(piece);
    found.push(...events.takeTransactions());
  }
  const [transaction] = found;
  return found.length === 1 && transaction && !framer.unfinished ? transaction : null;
}
