import type { SegmentIndex } from "#lib/contract/archive/segment.ts";
import { archivePrefix, parseSegmentKey, type SegmentKey } from "#lib/domain/backup/storage-keys.ts";
import { asFault, Fault } from "#lib/domain/fault/fault.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { readDescription } from "#worker/pipelines/catalog/segment-description.ts";
import type { Destination } from "#worker/ports/destination.ts";

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
      return await readDescription(host, destination, key);
    } catch (error) {
      last ??= error;
    }
  }
  throw last;
}
