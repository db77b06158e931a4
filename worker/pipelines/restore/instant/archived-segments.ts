import { type SegmentIndex, signedSegment } from "#lib/contract/archive/segment.ts";
import { canonicalJson } from "#lib/contract/manifest/canonical.ts";
import { archivePrefix, parseSegmentKey, type SegmentKey } from "#lib/domain/backup/storage-keys.ts";
import { asFault, Fault } from "#lib/domain/fault/fault.ts";
import { verifyText } from "#lib/platform/signing.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { trustedSigners } from "#worker/pipelines/catalog/read-set.ts";
import type { Destination } from "#worker/ports/destination.ts";

const DOCUMENT_LIMIT = 16 * 1024 * 1024;

/** An archived binary log file (or the tail of the open one) with its description, signed by a worker that this host trusts. */
export interface ArchivedSegment {
  /** Key of the sealed bytes, the same at every destination. */
  readonly key: string;
  readonly index: SegmentIndex;
  readonly destinations: readonly Destination[];
}

/**
 * All archived files of a server, of every server_uuid and epoch; of an open file the longest tail. A destination that does not answer is passed
 * over as long as another does. `known`: descriptions by key that need not be read again; what is no longer there leaves it. Faults DESTINATION_* when none does.
 */
export async function archivedSegments(host: HostRuntime, destinations: readonly Destination[], server: string, known = new Map<string, SegmentIndex>()): Promise<ArchivedSegment[]> {
  const found = new Map<string, { key: SegmentKey; at: Destination[]; indexKey: string }>();
  let last: unknown;
  let answered = 0;
  for (const destination of destinations) {
    try {
      for await (const object of destination.list(archivePrefix(server))) {
        const key = parseSegmentKey(object.key);
        if (key?.role !== "index") continue;
        const sealed = `${object.key.slice(0, -".json".length)}.zst.gpg`;
        const known = found.get(sealed);
        if (known) known.at.push(destination);
        else found.set(sealed, { key, at: [destination], indexKey: object.key });
      }
      answered += 1;
    } catch (error) {
      last ??= error;
      host.log.warn({ destination: destination.id, fault: asFault(error).code }, "archive not listed here");
    }
  }
  if (answered === 0) throw last ?? new Fault("INPUT_INVALID", { params: { fields: "destinations: none" } });
  const segments: ArchivedSegment[] = [];
  for (const [key, { at, indexKey }] of longest(found)) {
    const index = known.get(key) ?? (await readIndex(host, at, indexKey));
    known.set(key, index);
    segments.push({ key, index, destinations: at });
  }
  for (const key of known.keys()) if (!found.has(key)) known.delete(key);
  return segments;
}

/** A closed file makes its tails obsolete, a longer tail the shorter ones. */
function longest(found: ReadonlyMap<string, { key: SegmentKey; at: Destination[]; indexKey: string }>): [string, { at: Destination[]; indexKey: string }][] {
  const best = new Map<string, [string, { key: SegmentKey; at: Destination[]; indexKey: string }]>();
  const reach = ({ tailEnd }: SegmentKey): number => tailEnd ?? Number.POSITIVE_INFINITY;
  for (const entry of found) {
    const { serverUuid, epoch, file } = entry[1].key;
    const name = `${serverUuid}/${epoch}/${file}`;
    const other = best.get(name);
    if (!other || reach(entry[1].key) > reach(other[1].key)) best.set(name, entry);
  }
  return [...best.values()];
}

async function readIndex(host: HostRuntime, destinations: readonly Destination[], key: string): Promise<SegmentIndex> {
  let last: unknown;
  for (const destination of destinations) {
    try {
      return openIndex(await readAll(destination, key), key, trustedSigners(host));
    } catch (error) {
      last ??= error;
    }
  }
  throw last;
}

/** The signed text is the stored document itself. Faults MANIFEST_INVALID, MANIFEST_FORGED. */
function openIndex(bytes: Buffer, key: string, trusted: ReadonlySet<string>): SegmentIndex {
  const raw = parsedJson(bytes);
  const parsed = signedSegment.safeParse(raw);
  if (!parsed.success) throw new Fault("MANIFEST_INVALID", { params: { set: key, message: parsed.error.issues[0]?.message ?? "not readable" } });
  const { signature, segment } = parsed.data;
  if (!verifyText(signature.key, canonicalJson((raw as { segment: unknown }).segment), signature.value)) throw new Fault("MANIFEST_INVALID", { params: { set: key, message: "the signature does not fit the content" } });
  if (!trusted.has(signature.key)) throw new Fault("MANIFEST_FORGED", { params: { set: key, signer: signature.key } });
  const of = parseSegmentKey(key);
  if (of?.file !== segment.file || of.server !== segment.server || of.epoch !== segment.epoch || of.serverUuid !== segment.serverUuid) {
    throw new Fault("MANIFEST_INVALID", { params: { set: key, message: `it describes ${segment.server} ${segment.serverUuid}/${segment.epoch}/${segment.file}` } });
  }
  return segment;
}

function parsedJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

async function readAll(destination: Destination, key: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of await destination.get(key)) {
    bytes += (chunk as Buffer).length;
    if (bytes > DOCUMENT_LIMIT) throw new Fault("COPY_CORRUPT", { params: { key, destination: destination.id, message: "far too large for a document" } });
    pieces.push(chunk as Buffer);
  }
  return Buffer.concat(pieces);
}
