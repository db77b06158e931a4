import type { BinlogEpoch } from "#lib/domain/backup/storage-keys.ts";
import { asFault } from "#lib/domain/fault/fault.ts";
import { readSegment } from "#worker/engines/binlog/read-segment.ts";
import type { SegmentReading } from "#worker/engines/binlog/segment-reader.ts";
import { IndexWriter } from "#worker/engines/binlog/transaction-index/write-index.ts";
import { type HostRuntime, heartbeatSchema } from "#worker/host/runtime.ts";
import { localIndexPath, trimLocalIndexes } from "./local-indexes.ts";
import type { RawFile } from "./raw-files.ts";

/**
 * Reads a binary log and lists its transactions on the way. The list is worth less than the file: where it cannot be written (a full disk), the reading goes on
 * without it, and `list` is null. Faults of readSegment.
 */
export async function readAndList(host: HostRuntime, log: BinlogEpoch, raw: Pick<RawFile, "name" | "path" | "session" | "bytes">, signal: AbortSignal): Promise<{ content: SegmentReading; list: string | null }> {
  const { flavor } = raw.session;
  let failure: unknown;
  let writer: IndexWriter | null = null;
  const tried = (work: () => void): void => {
    if (failure !== undefined) return;
    try {
      work();
    } catch (error) {
      failure = error;
    }
  };
  // Named by the bytes that are there now; the position behind the last whole event is known only at the end.
  tried(() => {
    writer = new IndexWriter(localIndexPath(host, log, raw.name, raw.bytes), { ...log, file: raw.name });
  });
  const abort = (): void => void (writer as IndexWriter | null)?.abort();
  try {
    const content = await readSegment(raw.path, { flavor, signal, heartbeatSchema: heartbeatSchema(host), onTransaction: (transaction) => tried(() => writer?.add(transaction)) });
    const path = localIndexPath(host, log, raw.name, content.endPosition);
    tried(() => writer?.finish(content.endPosition, path));
    tried(() => trimLocalIndexes(host, log.server, path));
    if (failure === undefined) return { content, list: path };
    host.log.warn({ server: log.server, file: raw.name, fault: asFault(failure).message }, "no list of transactions");
    abort();
    return { content, list: null };
  } catch (error) {
    abort();
    throw error;
  }
}
