import { type ReadOptions, SegmentReader, type SegmentReading } from "./segment-reader.ts";

/**
 * Reads a binary log file as a stream: memory stays small however large its events are. Every event's length and CRC32 are checked; a
 * tail that is not whole is left out and reported. `end` is `torn` where neither rotation nor stop stands last: that the server still
 * writes the file is for the caller to know.
 * @throws Fault BINLOG_NOT_READABLE, BINLOG_DAMAGED; the signal's reason
 */
export function readSegment(path: string, options: ReadOptions): Promise<SegmentReading> {
  return new SegmentReader(path, options).readOn();
}
