import type { SegmentIndex } from "#lib/contract/archive/segment.ts";
import { furthestChain, type Piece } from "#lib/domain/archive/tail-pieces.ts";
import { archivePrefix, parseSegmentKey, segmentIndexKey, type SegmentKey } from "#lib/domain/backup/storage-keys.ts";
import { asFault, Fault } from "#lib/domain/fault/fault.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { type AnyCopy, copiesUntold, exhausted, isOfCopies } from "#worker/pipelines/catalog/any-copy.ts";
import { readDescription } from "#worker/pipelines/catalog/segment-description.ts";
import type { Destination } from "#worker/ports/destination.ts";

/** Sealed bytes and where they are. */
export interface ArchivedObject {
  /** Key of the sealed bytes, the same at every destination. */
  readonly key: string;
  readonly destinations: readonly Destination[];
}

/** A piece of an open file: bytes `from` up to before `end`. */
export interface ArchivedPiece extends ArchivedObject, Piece {}

/** An archived binary log file (or the beginning of the open one) with its description, signed by a worker that this host trusts. */
export interface ArchivedSegment extends ArchivedObject {
  readonly index: SegmentIndex;
  /**
   * Not empty: the beginning of a file in pieces that join, `key` being that of the last one; `index` then tells of all of them together, and its `plain` is the digest of
   * what they make, up to `content.endPosition`.
   */
  readonly pieces: readonly ArchivedPiece[];
  /** Of a closed file: the pieces that some destination holds besides, from its first byte on; where the whole did not get to, they may be all that is sound. */
  readonly besides?: readonly ArchivedPiece[];
}

interface Found extends ArchivedObject {
  readonly of: SegmentKey;
  readonly destinations: Destination[];
}

/**
 * All archived files of a server, of every server_uuid and epoch; of an open file the beginning that reaches furthest. A destination that does not answer is passed
 * over as long as another does. `known`: descriptions by key that need not be read again; what is no longer there leaves it. `copies`: is told what gave way. Faults DESTINATION_*, NO_SOUND_COPY when none does.
 */
export async function archivedSegments(host: HostRuntime, destinations: readonly Destination[], server: string, known = new Map<string, SegmentIndex>(), copies = copiesUntold(host)): Promise<ArchivedSegment[]> {
  const found = await listed(host, destinations, server, copies);
  const segments: ArchivedSegment[] = [];
  const files = Map.groupBy(found.values(), ({ of: { serverUuid, epoch, file } }) => `${serverUuid}/${epoch}/${file}`);
  for (const objects of files.values()) {
    const described = async (object: ArchivedObject, elsewhere: boolean): Promise<SegmentIndex> => {
      const index = known.get(object.key) ?? (await readAnywhere(host, object, copies, elsewhere));
      known.set(object.key, index);
      return index;
    };
    const closed = objects.find(({ of }) => of.tailEnd === null);
    const pieces = furthestChain(objects.flatMap((object) => (object.of.tailEnd === null ? [] : [{ ...object, from: object.of.tailFrom, end: object.of.tailEnd }])));
    const last = pieces.at(-1);
    try {
      if (closed) segments.push({ key: closed.key, destinations: closed.destinations, index: await described(closed, pieces.length > 0), pieces: [], besides: pieces });
      if (closed || !last) continue;
    } catch (error) {
      if (!last || !isOfCopies(error)) throw error;
    }
    segments.push({ key: last.key, destinations: last.destinations, index: asWhole(await described(last, false)), pieces });
  }
  for (const key of known.keys()) if (!found.has(key)) known.delete(key);
  return segments;
}

/** Everything that has a description, by the key of its sealed bytes. */
async function listed(host: HostRuntime, destinations: readonly Destination[], server: string, copies: AnyCopy): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  const silent = new Map<string, Fault>();
  for (const destination of destinations) {
    try {
      for await (const object of destination.list(archivePrefix(server))) {
        const of = parseSegmentKey(object.key);
        if (of?.role !== "index") continue;
        const key = `${object.key.slice(0, -".json".length)}.zst.gpg`;
        const other = found.get(key);
        if (other) other.destinations.push(destination);
        else found.set(key, { of, key, destinations: [destination] });
      }
    } catch (error) {
      silent.set(destination.id, asFault(error));
      host.log.warn({ destination: destination.id, fault: asFault(error).code }, "archive not listed here");
    }
  }
  if (destinations.length === 0) throw new Fault("INPUT_INVALID", { params: { fields: "destinations: none" } });
  if (silent.size === destinations.length) throw exhausted(archivePrefix(server), silent);
  for (const [id, fault] of silent) copies.gaveWay(id, fault);
  return found;
}

/** A description that any of the destinations gives; `elsewhere` as of {@link AnyCopy.read}, and its faults. */
export async function readAnywhere(host: HostRuntime, { key, destinations }: ArchivedObject, copies: AnyCopy, elsewhere = false): Promise<SegmentIndex> {
  return copies.read(segmentIndexKey(key), destinations, undefined, (destination) => readDescription(host, destination, segmentIndexKey(key)), elsewhere);
}

/** What the description of a last piece says of all of them together. A piece's own digests are those of its bytes; tails of older workers began with the file, and have none besides. */
export function asWhole(index: SegmentIndex): SegmentIndex {
  const { piece, content } = index;
  return piece ? { ...index, plain: { bytes: content.endPosition, sha256: piece.beginningSha256 } } : index;
}

/** Files in the order of the log: servers one after the other as their archives began, then epochs and numbers. */
export function inLogOrder(segments: readonly ArchivedSegment[]): ArchivedSegment[] {
  const servers = [...Map.groupBy(segments, ({ index }) => index.serverUuid).values()];
  const began = (files: readonly ArchivedSegment[]): number => Math.min(...files.map(({ index }) => Date.parse(index.archivedAt)));
  return servers.sort((one, other) => began(one) - began(other)).flatMap((files) => files.sort(({ index: one }, { index: other }) => one.epoch - other.epoch || one.number - other.number));
}
