import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { SegmentContent } from "#lib/contract/archive/segment.ts";
import type { HeartbeatReadBack } from "#lib/contract/archive/window.ts";
import { isHeartbeat } from "#lib/domain/archive/heartbeat.ts";
import { compareInstants } from "#lib/domain/binlog/recovery-window.ts";
import { asFault, Fault } from "#lib/domain/fault/fault.ts";
import { readBack } from "#worker/destinations/read-back.ts";
import { readOneTransaction } from "#worker/engines/binlog/one-transaction.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { copiesUntold } from "#worker/pipelines/catalog/any-copy.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { type ArchivedObject, type ArchivedSegment, readAnywhere } from "./archived-segments.ts";
import { fetchObject } from "./plain-segment.ts";
import { withSearchFolder } from "./search-folder.ts";

/** A closed file is fetched for its last heartbeat only up to this size, bytes: seconds later the next file has one of its own. */
const MOST_CLOSED_BYTES = 64 * 1024 * 1024;

/** Where a heartbeat stands, by its file's description. */
type Mark = NonNullable<NonNullable<SegmentContent["heartbeats"]>["last"]>;

/**
 * Fetches from a destination what should hold the newest heartbeat of a server, and finds it there: everything that was committed before it can be had from that copy. Without a private key on this
 * host the bytes are compared with those that were sealed. `segments`: what that destination holds. Null: no heartbeat is in it. Faults DESTINATION_*, COPY_CORRUPT, UNSEAL_FAILED, BINLOG_DAMAGED.
 */
export async function readBackHeartbeat(host: HostRuntime, destination: Destination, segments: readonly ArchivedSegment[], schema: string, signal: AbortSignal): Promise<HeartbeatReadBack | null> {
  const marked = segments.flatMap((segment) => (segment.index.content.heartbeats?.last && fetchable(segment) ? [{ segment, mark: segment.index.content.heartbeats.last }] : []));
  const newest = marked.reduce<(typeof marked)[number] | null>((best, one) => (best && compareInstants(best.mark.committedAt, one.mark.committedAt) >= 0 ? best : one), null);
  if (!newest) return null;
  const { segment, mark } = newest;
  const objects = holders(segment, mark).map((object) => ({ ...object, destinations: [destination] }));
  const checkedAt = new Date(host.clock.now()).toISOString();
  const told = { destination: destination.id, committedAt: mark.committedAt, checkedAt };
  try {
    const bytes = await withSearchFolder(host, (folder) => fetched(host, objects, mark, join(folder, "piece"), signal));
    const found = await readOneTransaction(bytes, { file: segment.index.file, position: mark.start });
    if (!found || !isHeartbeat(found, schema) || found.committedAt !== mark.committedAt) throw new Fault("COPY_CORRUPT", { params: { key: segment.key, destination: destination.id, message: "not the bytes that were sealed" } });
    return { ...told, opened: true };
  } catch (error) {
    if (asFault(error).code !== "KEY_MISSING") throw error;
    for (const object of objects) await readBack(destination, object.key, (await readAnywhere(host, object, copiesUntold(host))).sealed, { signal });
    return { ...told, opened: false };
  }
}

function fetchable({ pieces, index }: ArchivedSegment): boolean {
  return pieces.length > 0 || index.plain.bytes <= MOST_CLOSED_BYTES;
}

/** What holds the bytes of the mark: one piece, or two where it stands across their border; else the whole file. */
function holders({ key, destinations, pieces }: ArchivedSegment, { start, end }: Mark): (ArchivedObject & { readonly from: number })[] {
  if (pieces.length === 0) return [{ key, destinations, from: 0 }];
  return pieces.filter((piece) => piece.from < end && piece.end > start);
}

/** The bytes of the mark, out of what holds them. */
async function fetched(host: HostRuntime, objects: readonly (ArchivedObject & { readonly from: number })[], { start, end }: Mark, path: string, signal: AbortSignal): Promise<Buffer> {
  const bytes: Buffer[] = [];
  for (const object of objects) {
    await fetchObject(host, { ...object, index: await readAnywhere(host, object, copiesUntold(host)) }, path, signal);
    const file = await open(path, "r");
    try {
      const [from, to] = [Math.max(0, start - object.from), end - object.from];
      const { size } = await file.stat();
      const buffer = Buffer.alloc(Math.max(0, Math.min(to, size) - from));
      await file.read(buffer, 0, buffer.length, from);
      bytes.push(buffer);
    } finally {
      await file.close();
      await rm(path, { force: true });
    }
  }
  return Buffer.concat(bytes);
}
