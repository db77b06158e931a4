import { type SegmentIndex, signedSegment } from "#lib/contract/archive/segment.ts";
import { canonicalJson } from "#lib/contract/manifest/canonical.ts";
import { type BinlogEpoch, epochPrefix, parseSegmentKey, segmentIndexKey, segmentKey } from "#lib/domain/backup/storage-keys.ts";
import { chain } from "#lib/domain/binlog/chain.ts";
import { asFault, Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { verifyText } from "#lib/platform/signing.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { archivePolicy } from "./server-archive.ts";

/** Descriptions are a few hundred bytes; more is none of ours. */
const MOST_BYTES = 1024 * 1024;

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
    const segment = await readIndex(destination, host, log, file, signal);
    if (!segment) throw broken(`the description of ${file} is not sound`);
    if (sealed.get(file) !== segment.sealed.bytes) throw broken(`${file} has ${sealed.get(file) ?? 0} bytes instead of ${segment.sealed.bytes}`);
    segments.push(segment);
  }
  const newest = segments.find(({ file }) => file === last.file);
  if (!newest || Date.parse(newest.archivedAt) < last.since) throw broken(`${last.file} is not there as the server closed it now`);
  const [found] = chain(segments).flatMap(({ breaks }) => breaks);
  if (found) throw broken(`${found.after.file} → ${found.before.file}: ${found.reason} ${found.about}`);
  return segments.length;
}

/** The description of a closed file, or null when it is not readable, not of this file, or not signed by a trusted worker. */
async function readIndex(destination: Destination, host: HostRuntime, log: BinlogEpoch, file: string, signal: AbortSignal): Promise<SegmentIndex | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of await destination.get(segmentIndexKey(segmentKey(log, file)), { signal })) {
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_BYTES) return null;
    chunks.push(chunk as Buffer);
  }
  const trusted = new Set([host.identity.signing.publicKey, ...host.config.trustedSigners]);
  try {
    const raw = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { segment: unknown };
    const { segment, signature } = signedSegment.parse(raw);
    const sound = trusted.has(signature.key) && verifyText(signature.key, canonicalJson(raw.segment), signature.value);
    return sound && segment.server === log.server && segment.serverUuid === log.serverUuid && segment.epoch === log.epoch && segment.file === file ? segment : null;
  } catch {
    return null;
  }
}
