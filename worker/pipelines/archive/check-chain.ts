import type { SegmentIndex } from "#lib/contract/archive/segment.ts";
import { type BinlogEpoch, epochPrefix, parseSegmentKey, segmentIndexKey, segmentKey } from "#lib/domain/backup/storage-keys.ts";
import { chain } from "#lib/domain/binlog/chain.ts";
import { asFault, Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { isUnsound, readDescription } from "#worker/pipelines/catalog/segment-description.ts";
import { archivePolicy } from "./server-archive.ts";

export interface LastFile {
  readonly file: string;
  /** It was still open then, milliseconds since 1970: a copy that was sealed earlier is another file of its name. */
  readonly since: number;
}

/**
 * Checks at every destination that the closed files of an epoch follow each other, by name and by GTIDs, and that `last` is among them: each has its signed
 * description and its sealed bytes. Gives how many there are. Fault ARCHIVE_CHAIN_BROKEN where no destination is whole; a finding for each that is not while another is.
 */
export async function checkChain(context: RunContext, host: HostRuntime, log: BinlogEpoch, last: LastFile): Promise<number> {
  const destinations = openDestinations(host, archivePolicy(host, log.server).destinations);
  try {
    const counts = await Promise.all(
      destinations.map(async (destination) => {
        try {
          return await checkAt(destination, host, log, last, context.signal);
        } catch (error) {
          const fault = asFault(error);
          context.finding("warning", faultRecord(fault));
          return fault;
        }
      }),
    );
    const whole = counts.filter((count) => typeof count === "number");
    const [fault] = counts.filter((count) => count instanceof Fault);
    if (whole.length === 0 && fault) throw fault;
    return Math.max(...whole);
  } finally {
    await Promise.allSettled(destinations.map((destination) => destination.close()));
  }
}

async function checkAt(destination: Destination, host: HostRuntime, log: BinlogEpoch, last: LastFile, signal: AbortSignal): Promise<number> {
  const broken = (message: string): Fault => new Fault("ARCHIVE_CHAIN_BROKEN", { params: { server: log.server, destination: destination.id, message } });
  const sealed = new Map<string, number>();
  const files: string[] = [];
  for await (const { key, bytes } of destination.list(epochPrefix(log))) {
    const of = parseSegmentKey(key);
    if (!of || of.tailEnd !== null) continue;
    if (of.role === "sealed") sealed.set(of.file, bytes);
    else if (of.role === "index") files.push(of.file);
  }
  const segments: SegmentIndex[] = [];
  for (const file of files) {
    const segment = await readDescription(host, destination, segmentIndexKey(segmentKey(log, file)), signal).catch((error: unknown) => {
      const fault = asFault(error);
      throw isUnsound(fault) ? broken(`the description of ${file} is not sound`) : fault;
    });
    if (sealed.get(file) !== segment.sealed.bytes) throw broken(`${file} has ${sealed.get(file) ?? 0} bytes instead of ${segment.sealed.bytes}`);
    segments.push(segment);
  }
  const newest = segments.find(({ file }) => file === last.file);
  if (!newest || Date.parse(newest.archivedAt) < last.since) throw broken(`${last.file} is not there as the server closed it now`);
  const [found] = chain(segments).flatMap(({ breaks }) => breaks);
  if (found) throw broken(`${found.after.file} → ${found.before.file}: ${found.reason} ${found.about}`);
  return segments.length;
}
